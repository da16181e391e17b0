// On every page: a form "once" is sent once. A second click changes nothing, and looks so.
const guarded = document.querySelectorAll("form.once");
for (const form of guarded) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.querySelector("button").classList.add("disabled");
  });
}

export function mayBeSent(form) {
  delete form.dataset.sent;
  form.querySelector("button").classList.remove("disabled");
}

// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => guarded.forEach(mayBeSent));
