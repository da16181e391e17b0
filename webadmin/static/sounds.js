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

// --- making: a form that works for a while, tells how far it is, and why it was refused ---
class Making {
  constructor(form) {
    this.form = form;
    this.words = JSON.parse(form.dataset.words);
    this.going = form.querySelector(".going");
    this.fault = form.querySelector(".fault");
    this.replace = form.querySelector(".replace");
    this.isBusy = false;
  }

  // How far it is; without a percentage the bar only shows that it goes on.
  say(text, percent) {
    const bar = this.going.querySelector("progress");
    if (percent === undefined) bar.removeAttribute("value");
    else bar.value = percent;
    this.going.querySelector("[role=status]").textContent = text;
  }

  forget() {
    this.fault.hidden = true;
    this.replace.hidden = true;
  }

  // The form's own fields as the box takes them.
  async ask(address, fields) {
    const asked = new URLSearchParams({ csrf_token: this.form.elements.csrf_token.value, ...fields });
    if (!this.replace.hidden && this.form.elements.replaces.checked) asked.set("replaces", "yes");
    await answerOf(fetch(address, { method: "POST", body: asked }), this.words.lost);
    location.assign(this.form.dataset.page);
  }

  async run(make, refused) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.fault.hidden = true;
    this.going.hidden = false;
    this.form.querySelector("button").disabled = true;
    try {
      await make();
    } catch (error) {
      refused(error);
      this.replace.hidden = !(error.key ?? "").endsWith("_taken");
      this.fault.textContent = error instanceof TypeError ? this.words.lost : error.message;
      this.fault.hidden = false;
      this.going.hidden = true;
      this.form.querySelector("button").disabled = false;
      this.isBusy = false;
    }
  }
}

// --- of a file ---
const adding = new Making(document.getElementById("add"));
const file = document.getElementById("file");
const name = document.getElementById("name");
// What was sent already: another name for the same file sends nothing again.
let sent = { file: null, upload: "" };

file.addEventListener("change", () => {
  const chosen = file.files[0];
  adding.forget();
  if (chosen && !name.value) name.value = chosen.name.replace(/\.[^.]*$/, "").trim().slice(0, name.maxLength);
});

async function add(chosen) {
  const { form, words } = adding;
  if (chosen.size > Number(form.dataset.longest)) throw new Error(words.large);
  if (sent.file !== chosen) {
    adding.say("", 0);
    const upload = await sendInPieces(form, chosen, words.lost, (percent) => {
      adding.say(`${words.sending} ${percent} %`, percent);
    });
    sent = { file: chosen, upload };
  }
  adding.say(words.working);
  await adding.ask(form.dataset.addAddress, { upload: sent.upload, name: name.value });
}

adding.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!file.files[0]) return;
  adding.run(() => add(file.files[0]), (error) => {
    if (!/_(taken|name)$/.test(error.key ?? "")) sent = { file: null, upload: "" };
  });
});

// --- of a text, where the box speaks: the page "Prompts" ---
const speak = document.getElementById("speak");
if (speak) {
  const speaking = new Making(speak);
  speak.elements.name.addEventListener("input", () => speaking.forget());
  speak.addEventListener("submit", (event) => {
    event.preventDefault();
    speaking.run(() => {
      speaking.say(speaking.words.working);
      const { text, language, name: called } = speak.elements;
      return speaking.ask(speak.getAttribute("action"), { text: text.value, language: language.value, name: called.value });
    }, () => {});
  });
}
