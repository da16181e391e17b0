// The picture of a wide flow opens at its start, where reading begins, not at its left edge.
for (const picture of document.querySelectorAll(".picture")) {
  const start = picture.querySelector(".start rect")?.getBoundingClientRect();
  const frame = picture.getBoundingClientRect();
  if (start) picture.scrollLeft += start.left + start.width / 2 - frame.left - frame.width / 2;
}
