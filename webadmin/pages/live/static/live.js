// The page "Live": hears pictures of the box and draws them; says so when it hears none.
import { Feed } from "./feed.js";
import { drawAgents, drawCalls, drawLines, drawQueues, drawWaiting } from "./rows.js";
import { setText, tickClocks } from "./text.js";

const root = document.getElementById("live");
const words = JSON.parse(root.dataset.words);
const place = (name) => document.getElementById(name);
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: root.dataset.timezone, hour: "2-digit", minute: "2-digit", second: "2-digit",
});

// The box's time minus this computer's, in seconds; null while nothing was heard.
let ahead = null;
let standsAt = null;

function boxTime() {
  if (standsAt !== null) return standsAt;
  return ahead === null ? null : performance.now() / 1000 + ahead;
}

function say(text, isBad) {
  const notice = place("notice");
  notice.hidden = !text;
  setText(notice, text);
  place("pulse").firstElementChild.className = `lamp ${isBad ? "lamp-bad" : "lamp-good"}`;
}

function draw(picture) {
  if (picture.at !== null) {
    ahead = picture.at - performance.now() / 1000;
    standsAt = picture.is_away ? picture.at : null;
  }
  say(picture.is_away ? (picture.at === null ? words.never : words.away) : "", picture.is_away);
  root.classList.toggle("stale", picture.is_away);
  drawEmergency(picture.emergency_since, picture.emergency_by);
  drawQueues(place("queues"), picture, words);
  drawWaiting(place("waiting"), place("waiting-count"), picture, words);
  drawAgents(place("agents"), picture, words);
  drawCalls(place("calls"), place("calls-count"), picture, words);
  drawLines(place("lines"), picture, words);
  tick();
}

function drawEmergency(since, by) {
  place("emergency-by").textContent = by ? `(${by})` : "";
  place("emergency").hidden = since === null;
  const counted = place("emergency-since");
  if (since === null) delete counted.dataset.since;
  else counted.dataset.since = String(since);
}

function tick() {
  const now = boxTime();
  if (now === null) return;
  setText(place("clock"), clock.format(new Date(now * 1000)));
  tickClocks(root, now);
}

new Feed(root.dataset.stream, root.dataset.now, {
  onPicture: draw,
  onLost: () => { root.classList.add("stale"); say(words.lost, true); },
  onOver: () => { root.classList.add("stale"); say(words.logged_out, true); },
}).begin();
setInterval(tick, 500);
