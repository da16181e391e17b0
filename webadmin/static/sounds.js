// The pages "Music" and "Prompts": players with their pictures, and a file that becomes a sound.
import { answerOf, sendInPieces } from "./uploads.js";

// --- a piece's picture shows how far it has been heard, and leads there ---
for (const piece of document.querySelectorAll(".piece")) {
  const player = piece.querySelector("audio");
  const bars = Array.from(piece.querySelectorAll(".wave rect"));
  const seconds = Number(piece.dataset.seconds);
  player.addEventListener("timeupdate", () => {
    const heard = (player.currentTime / seconds) * bars.length;
    bars.forEach((bar, index) => bar.classList.toggle("heard", index < heard));
  });
  player.addEventListener("play", () => {
    for (const other of document.querySelectorAll(".piece audio")) if (other !== player) other.pause();
  });
  piece.querySelector(".wave")?.addEventListener("click", (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * seconds;
    if (player.readyState === 0) {
      player.addEventListener("loadedmetadata", () => { player.currentTime = at; }, { once: true });
    } else player.currentTime = at;
    player.play();
  });
}

// --- a second click on a button changes nothing ---
for (const form of document.querySelectorAll("form.once")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelector("button").classList.add("disabled");
  });
}

// --- adding ---
const form = document.getElementById("add");
const words = JSON.parse(form.dataset.words);
const file = document.getElementById("file");
const name = document.getElementById("name");
const going = form.querySelector(".going");
const fault = form.querySelector(".fault");
const replace = form.querySelector(".replace");
const token = form.elements.csrf_token.value;
let isBusy = false;
// What was sent already: another name for the same file sends nothing again.
let sent = { file: null, upload: "" };

file.addEventListener("change", () => {
  const chosen = file.files[0];
  fault.hidden = true;
  replace.hidden = true;
  if (chosen && !name.value) name.value = chosen.name.replace(/\.[^.]*$/, "").trim().slice(0, name.maxLength);
});

function say(text) {
  document.getElementById("step").textContent = text;
}

async function add(chosen) {
  if (chosen.size > Number(form.dataset.longest)) throw new Error(words.large);
  if (sent.file !== chosen) {
    const upload = await sendInPieces(form, chosen, words.lost, (percent) => {
      going.querySelector("progress").value = percent;
      say(`${words.sending} ${percent} %`);
    });
    sent = { file: chosen, upload };
  }
  say(words.working);
  going.querySelector("progress").removeAttribute("value");
  const fields = new URLSearchParams({ csrf_token: token, upload: sent.upload, name: name.value });
  if (!replace.hidden && form.elements.replaces.checked) fields.set("replaces", "yes");
  await answerOf(fetch(form.dataset.addAddress, { method: "POST", body: fields }), words.lost);
  location.assign(form.dataset.page);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isBusy || !file.files[0]) return;
  isBusy = true;
  fault.hidden = true;
  going.hidden = false;
  going.querySelector("progress").value = 0;
  form.querySelector("button").disabled = true;
  try {
    await add(file.files[0]);
  } catch (error) {
    if (!/_(taken|name)$/.test(error.key ?? "")) sent = { file: null, upload: "" };
    replace.hidden = !(error.key ?? "").endsWith("_taken");
    fault.textContent = error instanceof TypeError ? words.lost : error.message;
    fault.hidden = false;
    going.hidden = true;
    form.querySelector("button").disabled = false;
    isBusy = false;
  }
});
