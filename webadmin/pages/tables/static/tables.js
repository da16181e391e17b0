// The page "Tables": a file of rows is sent piece by piece, and taken in as a whole.
import { answerOf, sendInPieces, sendsItsFile } from "/static/uploads.js";

async function put(form, file, words, say) {
  const upload = await sendInPieces(form, file, words.lost, (done) => say(`${words.sending} ${done} %`));
  const fields = new URLSearchParams({
    csrf_token: form.elements.csrf_token.value,
    upload,
    name: file.name,
    table: form.dataset.table,
  });
  await answerOf(fetch(form.dataset.putAddress, { method: "POST", body: fields }), words.lost);
  location.assign(form.dataset.page);
}

for (const form of document.querySelectorAll("form.put")) sendsItsFile(form, put);
