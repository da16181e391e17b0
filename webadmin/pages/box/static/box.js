// The page "This box": an update or a backup is sent piece by piece; who looks on sees how it stands.
import "/static/look_again.js";
import { mayBeSent } from "/static/once.js";
import { answerOf, sendInPieces, sendsItsFile } from "/static/uploads.js";

for (const form of document.querySelectorAll("form.handed")) {
  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) waitForHandedOut(form); });
}

// A file that is handed out leaves the page where it is: a cookie says that its making is over.
function waitForHandedOut(form) {
  document.cookie = "linghe_handed=; Max-Age=0; Path=/box/; SameSite=Strict";
  const looking = setInterval(() => {
    if (!document.cookie.split("; ").includes("linghe_handed=yes")) return;
    clearInterval(looking);
    mayBeSent(form);
  }, 500);
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
  sendsItsFile(form, put, (error) => { if (error.key !== "own_password") sent.delete(form); });
}
