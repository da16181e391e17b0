// The page "Tables": a file of rows is sent piece by piece, and taken in as a whole.

function newUpload() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
}

async function answerOf(asked, lost) {
  const answer = await asked;
  if (answer.redirected) { location.reload(); throw new Error(lost); }
  const told = await answer.json().catch(() => ({ fault: lost }));
  if (!answer.ok) throw new Error(told.fault ?? lost);
}

async function put(form, file, words) {
  const token = form.elements.csrf_token.value;
  const step = Number(form.dataset.piece);
  const upload = newUpload();
  const told = form.querySelector(".step");
  told.hidden = false;
  for (let offset = 0; offset < file.size || offset === 0; offset += step) {
    await answerOf(fetch(form.dataset.pieceAddress, {
      method: "POST",
      body: file.slice(offset, offset + step),
      headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": token, "X-Upload": upload, "X-Offset": String(offset) },
    }), words.lost);
    told.textContent = `${words.sending} ${Math.min(100, Math.round((100 * (offset + step)) / Math.max(file.size, 1)))} %`;
  }
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
