// The page "Tables": a file of rows is sent piece by piece, and taken in as a whole.
import { answerOf, sendInPieces } from "../../static/uploads.js";

async function put(form, file, words) {
  const token = form.elements.csrf_token.value;
  const told = form.querySelector(".step");
  told.hidden = false;
  const upload = await sendInPieces(form, file, words.lost, (percent) => {
    told.textContent = `${words.sending} ${percent} %`;
  });
  const fields = new URLSearchParams({ csrf_token: token, upload, name: file.name, table: form.dataset.table });
  await answerOf(fetch(form.dataset.putAddress, { method: "POST", body: fields }), words.lost);
  location.assign(form.dataset.page);
}

for (const form of document.querySelectorAll("form.put")) {
  const words = JSON.parse(form.dataset.words);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.querySelector("input[type=file]").files[0];
    const button = form.querySelector("button");
    const fault = form.querySelector(".fault");
    if (!file || button.disabled) return;
    button.disabled = true;
    fault.hidden = true;
    try {
      await put(form, file, words);
    } catch (error) {
      fault.textContent = error instanceof TypeError ? words.lost : error.message;
      fault.hidden = false;
      form.querySelector(".step").hidden = true;
      button.disabled = false;
    }
  });
}
