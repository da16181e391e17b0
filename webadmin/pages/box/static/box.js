// The page "This box": an update or a backup is sent piece by piece; a second click changes nothing.
import { answerOf, sendInPieces } from "/static/uploads.js";

for (const form of document.querySelectorAll("form.once")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelector("button").classList.add("disabled");
  });
}

const sent = new WeakMap();

async function put(form, file, words, say) {
  if (file.size > Number(form.dataset.longest)) throw new Error(words.large);
  const bar = form.querySelector("progress");
  // Another try with the same file sends nothing again.
  if (sent.get(form)?.file !== file) {
    const upload = await sendInPieces(form, file, words.lost, (done) => {
      bar.value = done;
      say(`${words.sending} ${done} %`);
    });
    sent.set(form, { file, upload });
  }
  const { upload } = sent.get(form);
  say(words.working);
  bar.removeAttribute("value");
  const fields = new URLSearchParams({
    csrf_token: form.elements.csrf_token.value,
    own_password: form.elements.own_password.value,
    upload,
    name: file.name,
  });
  if (form.elements.foreign?.checked) fields.set("foreign", "yes");
  await answerOf(fetch(form.dataset.putAddress, { method: "POST", body: fields }), words.lost);
  location.assign(form.dataset.page);
}

for (const form of document.querySelectorAll("form.send")) {
  const words = JSON.parse(form.dataset.words);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.querySelector("input[type=file]").files[0];
    const button = form.querySelector("button");
    const fault = form.querySelector(".fault");
    const going = form.querySelector(".going");
    if (!file || button.disabled) return;
    button.disabled = true;
    fault.hidden = true;
    going.hidden = false;
    try {
      await put(form, file, words, (text) => { going.querySelector(".step").textContent = text; });
    } catch (error) {
      if (error.key !== "own_password") sent.delete(form);
      fault.textContent = error instanceof TypeError ? words.lost : error.message;
      fault.hidden = false;
      going.hidden = true;
      button.disabled = false;
    }
  });
}
