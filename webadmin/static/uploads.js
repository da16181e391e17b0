// A file that is sent piece by piece, each a request of its own.

function newUpload() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
}

// What the box answered; thrown where it refuses, with its key, or with `lost` where nobody knows.
export async function answerOf(asked, lost) {
  const answer = await asked;
  if (answer.redirected) { location.reload(); throw new Error(lost); }
  const told = await answer.json().catch(() => ({ fault: lost }));
  if (!answer.ok) throw Object.assign(new Error(told.fault ?? lost), { key: told.key });
  return told;
}

// Send it to the address that the form names; `went` hears the per cent. Gives the upload's name.
export async function sendInPieces(form, file, lost, went) {
  const token = form.elements.csrf_token.value;
  const step = Number(form.dataset.piece);
  const upload = newUpload();
  for (let offset = 0; offset < file.size || offset === 0; offset += step) {
    await answerOf(fetch(form.dataset.pieceAddress, {
      method: "POST",
      body: file.slice(offset, offset + step),
      headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": token, "X-Upload": upload, "X-Offset": String(offset) },
    }), lost);
    went(Math.min(100, Math.round((100 * (offset + step)) / Math.max(file.size, 1))));
  }
  return upload;
}

// Have a form send its file by `put(form, file, words, say)`, once at a time: `.going` is seen with
// what `say` was told, `.fault` with why it was refused, and then it may be sent again.
export function sendsItsFile(form, put, refused = () => {}) {
  const words = JSON.parse(form.dataset.words);
  const [fault, going, button] = [".fault", ".going", "button"].map((one) => form.querySelector(one));
  const say = (text) => { going.querySelector(".step").textContent = text; };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.querySelector("input[type=file]").files[0];
    if (!file || button.disabled) return;
    button.disabled = true;
    fault.hidden = true;
    going.hidden = false;
    try {
      await put(form, file, words, say);
    } catch (error) {
      refused(error);
      fault.textContent = error instanceof TypeError ? words.lost : error.message;
      fault.hidden = false;
      going.hidden = true;
      button.disabled = false;
    }
  });
}
