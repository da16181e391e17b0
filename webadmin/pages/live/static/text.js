// Elements and their text. Text is set by textContent only: a caller's name is never markup.

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== "") element.textContent = String(text);
  return element;
}

// Seconds since a moment of the box's clock; counted on by tickClocks.
export function since(moment, tag = "span", className = "since") {
  const element = make(tag, className);
  if (moment !== null && moment !== undefined) element.dataset.since = String(moment);
  return element;
}

export function tickClocks(root, now) {
  for (const element of root.querySelectorAll("[data-since]")) {
    setText(element, span(now - Number(element.dataset.since)));
  }
}

export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// Replaces the children only where they differ, so that a reader's selection stays.
export function fill(parent, children) {
  const old = Array.from(parent.children);
  const isSame = old.length === children.length
    && old.every((element, index) => sameBut(element, children[index]));
  if (!isSame) parent.replaceChildren(...children);
}

// Equal but for the counted seconds, which stand in elements with data-since.
function sameBut(one, other) {
  const left = one.cloneNode(true);
  for (const element of left.querySelectorAll("[data-since]")) element.textContent = "";
  if (left.dataset && left.dataset.since) left.textContent = "";
  return left.isEqualNode(other);
}
