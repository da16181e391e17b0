// What the page draws of a picture.
import { fill, make, since, setText } from "./text.js";

const labels = (table) => Array.from(table.closest("table").querySelectorAll("thead th"), (head) => head.textContent);

function row(body, cells) {
  const heads = labels(body);
  const line = make("tr");
  cells.forEach((cell, index) => {
    const place = make(index === 0 ? "th" : "td");
    if (index === 0) place.scope = "row";
    else place.dataset.label = heads[index];
    place.append(cell);
    line.append(place);
  });
  return line;
}

function emptyRow(body, text) {
  const line = make("tr", "empty-row");
  const cell = make("td", "", text);
  cell.colSpan = labels(body).length;
  line.append(cell);
  return line;
}

function party(number, name, words) {
  const cell = make("span", "party", number || words.withheld);
  if (name) cell.append(" ", make("small", "", name));
  return cell;
}

// How long they talk, or, before they do, how long ago the call began: said which.
function lasting(call, words) {
  const isTalk = call.talking_since !== null;
  const cell = make("span", "lasting");
  cell.append(make("small", "", isTalk ? words.talks_for : words.began), " ", since(isTalk ? call.talking_since : call.since));
  return cell;
}

// How each connected side is: the lamp is green where its sound is encrypted.
function connections(legs, words) {
  const list = make("span", "legs");
  legs.forEach((leg) => {
    const word = leg.is_encrypted ? words.encrypted : words.not_encrypted;
    const one = make("span", "leg");
    one.append(lamp(leg.is_encrypted ? "good" : "off"),
      `${leg.party || words.withheld} `, make("small", "", `${leg.transport.toUpperCase()} · ${word}`));
    list.append(one);
  });
  return list;
}

function lamp(tone) {
  return make("span", `lamp lamp-${tone}`);
}

export function drawQueues(parent, picture, words) {
  const tiles = picture.queues.map((queue) => {
    const tile = make("div", `tile${queue.waiting ? " tile-warn" : ""}`);
    const note = make("div", "tile-note");
    if (queue.waiting) {
      note.append(`${words.longest} `, since(queue.longest_since), " · ");
    }
    note.append(`${queue.ready_agents} ${words.ready} / ${queue.signed_in_agents} ${words.signed_in}`);
    const value = make("div", "tile-value", queue.waiting);
    value.append(" ", make("small", "", words.waiting));
    tile.append(make("div", "tile-label", queue.name), value, note);
    return tile;
  });
  fill(parent, tiles.length ? tiles : [make("p", "empty", words.no_queues)]);
}

export function drawWaiting(body, count, picture, words) {
  const waiting = picture.calls
    .filter((call) => call.queued_since !== null && call.stage !== "talking")
    .sort((one, other) => one.queued_since - other.queued_since);
  setText(count, waiting.length ? String(waiting.length) : "");
  fill(body, waiting.length ? waiting.map((call) => row(body, [
    make("span", "position", call.position ?? "–"),
    party(call.caller, call.caller_name, words),
    make("span", "", call.queue),
    since(call.queued_since, "span", "since waits"),
  ])) : [emptyRow(body, words.no_waiting)]);
}

const TONES = {
  ready: "good", talking: "busy", holding: "busy", ringing: "ring", wrap_up: "wrap",
  not_ready: "pause", signed_out: "off", unreachable: "bad", busy: "busy",
};

export function drawAgents(parent, picture, words) {
  const cards = picture.agents.map((agent) => {
    // Ready at a phone that wants no calls: no queue offers him any.
    const isQuiet = agent.is_quiet && agent.state === "ready";
    const tone = agent.is_over_break ? "bad" : isQuiet ? "pause" : TONES[agent.state] ?? "off";
    const card = make("div", `person person-${tone}`);
    const state = make("div", "person-state");
    state.append(lamp(tone), make("span", "", isQuiet ? words.quiet : words.states[agent.state] ?? agent.state));
    if (agent.reason && agent.state === "not_ready") state.append(make("small", "", agent.reason));
    if (agent.forwarded_to) state.append(make("small", "", `${words.forwards} ${agent.forwarded_to}`));
    state.append(since(agent.since));
    card.append(
      make("div", "person-name", agent.name || agent.agent),
      make("div", "person-number", [agent.agent, agent.extension].filter(Boolean).join(" · ")),
      state,
    );
    return card;
  });
  fill(parent, cards.length ? cards : [make("p", "empty", words.no_agents)]);
}

export function drawCalls(body, count, picture, words) {
  setText(count, picture.calls.length ? String(picture.calls.length) : "");
  fill(body, picture.calls.length ? picture.calls.map((call) => {
    const stage = make("span", `stage stage-${call.stage}`, words.stages[call.stage] ?? call.stage);
    if (call.park) stage.append(` ${call.park}`);
    const where = make("span");
    where.append(stage);
    if (call.is_recorded) {
      const dot = make("span", "on-air", "●");
      dot.title = words.recorded;
      where.append(" ", dot);
    }
    if (call.legs.length) where.append(connections(call.legs, words));
    return row(body, [
      party(call.caller, call.caller_name, words),
      make("span", "party", call.called === words.missed_code ? words.missed : call.called),
      where,
      make("span", "", call.queue),
      make("span", "", [call.agent, call.extension].filter(Boolean).join(" · ")),
      lasting(call, words),
    ]);
  }) : [emptyRow(body, words.no_calls)]);
}

export function drawLines(parent, picture, words) {
  const cards = picture.lines.map((line) => {
    const tone = !line.is_up ? "bad" : line.busy ? "busy" : "good";
    const card = make("div", "line");
    const text = make("div", "line-text");
    const name = make("div", "line-name", line.name);
    if (line.label) name.append(" ", make("small", "", line.label));
    const load = line.kind === "trunk" ? ` · ${line.busy}/${line.channels}` : "";
    const mail = line.new_messages ? ` · ${words.new_messages} ${line.new_messages}` : "";
    const way = line.transport ? ` · ${line.transport.toUpperCase()}` : "";
    const quiet = line.is_quiet ? ` · ${words.quiet}` : "";
    const forward = line.forwarded_to ? ` · ${words.forwards} ${line.forwarded_to}` : "";
    text.append(name, make("div", "line-state",
      `${words[line.kind] ?? line.kind} · ${line.is_up ? words.up : words.down}${way}${load}${quiet}${forward}${mail}`));
    if (line.text) text.append(make("div", "line-where", line.text));
    card.append(lamp(tone), text);
    return card;
  });
  fill(parent, cards.length ? cards : [make("p", "empty", words.no_lines)]);
}
