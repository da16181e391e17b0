// The page "Site file": a second click on a button changes nothing, and looks so.
for (const form of document.querySelectorAll("form.once")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelector("button").classList.add("disabled");
  });
}
// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.once")) {
    delete form.dataset.sent;
    form.querySelector("button").classList.remove("disabled");
  }
});
