// While something is at work the page is loaded anew each so many seconds, as an element of it says
// (data-look-again), and shows how it stands: never under somebody's hands, and not while the box
// starts again.
const lookAgain = Number(document.querySelector("[data-look-again]")?.dataset.lookAgain ?? 0);
if (lookAgain) setInterval(look, lookAgain * 1000);

async function look() {
  if (isInUse()) return;
  const isThere = await fetch("/health").then((answer) => answer.ok, () => false);
  if (isThere && !isInUse()) location.reload();
}

function isInUse() {
  return document.querySelector(".going:not([hidden])") !== null
    || document.querySelector("[data-sent]") !== null
    || document.activeElement?.matches("input, textarea, select")
    || Array.from(document.querySelectorAll("main input, main textarea")).some(isTyped);
}

function isTyped(field) {
  if (field.type === "hidden" || isFilledByBrowser(field)) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

function isFilledByBrowser(field) {
  return CSS.supports("selector(:autofill)") && field.matches(":autofill");
}
