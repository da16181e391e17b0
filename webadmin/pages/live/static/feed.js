// Pictures by server-sent events; where these do not come, by asking every two seconds.

const SILENT_MS = 5000;
const ASK_MS = 2000;
const STREAM_AGAIN_MS = 15000;

export class Feed {
  constructor(streamAddress, nowAddress, { onPicture, onLost, onOver }) {
    this.streamAddress = streamAddress;
    this.nowAddress = nowAddress;
    this.onPicture = onPicture;
    this.onLost = onLost;
    this.onOver = onOver;
    this.heardAt = performance.now();
    this.isOver = false;
    this.isAsking = false;
  }

  begin() {
    this.listen();
    setInterval(() => this.look(), 1000);
    // A page that nobody sees holds no connection; a browser has six of them for one box.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.source.close();
      else { this.heardAt = performance.now(); this.listen(); }
    });
  }

  listen() {
    if (this.isOver) return;
    if (this.source) this.source.close();
    this.triedAt = performance.now();
    this.source = new EventSource(this.streamAddress);
    this.source.onmessage = (event) => this.hear(JSON.parse(event.data));
    this.source.addEventListener("beat", () => { this.heard(); });
    this.source.addEventListener("over", () => this.end());
  }

  heard() {
    this.heardAt = performance.now();
    if (this.isLost && this.last) this.onPicture(this.last);
    this.isLost = false;
  }

  hear(picture) {
    this.last = picture;
    this.isLost = false;
    this.heardAt = performance.now();
    this.onPicture(picture);
  }

  // Once a second: is the stream alive? A beat comes every second.
  look() {
    if (this.isOver || document.hidden || performance.now() - this.heardAt < SILENT_MS) return;
    if (performance.now() - this.triedAt > STREAM_AGAIN_MS) this.listen();
    this.ask();
  }

  async ask() {
    if (this.isAsking || performance.now() - (this.askedAt ?? 0) < ASK_MS) return;
    this.isAsking = true;
    this.askedAt = performance.now();
    try {
      const answer = await fetch(this.nowAddress, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(4000),
      });
      if (answer.status === 401) { this.end(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const picture = await answer.json();
      this.isLost = false;
      this.last = picture;
      this.onPicture(picture);
    } catch {
      this.isLost = true;
      this.onLost();
    } finally {
      this.isAsking = false;
    }
  }

  end() {
    this.isOver = true;
    this.source.close();
    this.onOver();
  }
}
