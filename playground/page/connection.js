const RETRY_FIRST = 400; // ms
const RETRY_AT_MOST = 4000; // ms: a restarted playground is noticed while one still looks

export class Connection {
  #socket = null;
  #asked = new Map();
  #number = 0;
  #retry = RETRY_FIRST;

  // where() names the person and channel to look as; show(frame) gets what the server pushes;
  // state(connected) hears of every change.
  constructor({ where, show, state }) {
    Object.assign(this, { where, show, state });
    this.#open();
  }

  // Resolves with the world's answer when it did it; rejects with a sentence for the person who asked.
  ask(request) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error("Not connected to the playground. Is it still running?"));
    }
    const id = ++this.#number;
    this.#socket.send(JSON.stringify({ id, ...request }));
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  #open() {
    this.#socket = new WebSocket(`ws://${location.host}/chat?${new URLSearchParams(this.where())}`);
    this.#socket.addEventListener("message", (event) => this.#receive(JSON.parse(event.data)));
    this.#socket.addEventListener("close", () => this.#lost());
  }

  #receive(frame) {
    if (frame.type === "scene") {
      this.#retry = RETRY_FIRST;
      this.state(true);
    }
    if (frame.type !== "answer") return this.show(frame);
    const asked = this.#asked.get(frame.id);
    this.#asked.delete(frame.id);
    if (frame.error === null) asked?.resolve(frame);
    else asked?.reject(new Error(frame.error));
  }

  #lost() {
    this.state(false);
    for (const { reject } of this.#asked.values()) {
      reject(new Error("The connection was lost before the playground answered."));
    }
    this.#asked.clear();
    setTimeout(() => this.#open(), this.#retry);
    this.#retry = Math.min(this.#retry * 2, RETRY_AT_MOST);
  }
}
