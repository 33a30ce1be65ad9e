// Puts the parts together: what the server pushes goes to the log, the composer and the sidebar;
// what the person does goes to the server.
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Languages } from "./languages.js";
import { Log } from "./log.js";
import { openModal } from "./modal.js";
import { Sidebar } from "./sidebar.js";
import { theme } from "./theme.js";
import { tick } from "./timestamp.js";
import { Trouble } from "./trouble.js";

class Scene {
  constructor(frame) {
    Object.assign(this, frame);
    const people = new Map([...frame.people, frame.app].map(({ id, name }) => [id, name]));
    const channels = new Map(frame.channels.map(({ id, name }) => [id, name]));
    const roles = new Map(frame.roles.map(({ id, name }) => [id, name.replace(/^@/, "")]));
    this.names = { person: (id) => people.get(id), role: (id) => roles.get(id), channel: (id) => channels.get(id) };
    this.moderates = frame.people.some(({ id, role }) => id === frame.person && ["owner", "moderator"].includes(role));
  }

  get isDirect() {
    return this.channels.some(({ id, kind }) => id === this.channel && kind === "dm");
  }

  // The channel's name as people write it, or the bot's, who is the other end of direct messages.
  get place() {
    return `${this.isDirect ? "@" : "#"}${this.names.channel(this.channel)}`;
  }

  nameOf(user) {
    return this.names.person(user.id) ?? user.global_name ?? user.username;
  }
}

const notice = document.getElementById("notice");
let scene = null;
let looking = {}; // survives a reconnection; a restarted world falls back by itself

const connection = new Connection({
  where: () => looking,
  show: receive,
  state: (connected) => {
    document.body.classList.toggle("lost", !connected);
    notice.textContent = connected ? "" : "The playground is not answering. Trying again…";
  },
});
const composer = new Composer(act);
const log = new Log(press);
const sidebar = new Sidebar((change) => {
  looking = { person: scene.person, channel: scene.channel, ...change };
  connection.ask({ do: "look", ...looking }).catch((error) => composer.say(error.message));
});
const trouble = new Trouble((request) => connection.ask(request));
const languages = new Languages((request) => connection.ask(request));

function receive(frame) {
  if (frame.type === "scene") {
    scene = new Scene(frame);
    looking = { person: scene.person, channel: scene.channel };
    for (const part of [sidebar, log, composer, trouble, languages]) part.show(scene);
  } else if (frame.type === "message") log.put(frame.message, scene);
  else if (frame.type === "gone") log.remove(frame.id);
  else if (frame.type === "commands") {
    composer.offer(frame.commands);
    scene = new Scene({ ...scene, commands: frame.commands, menu: frame.menu });
    log.offer(scene);
  }
  else if (frame.type === "languages") languages.show(frame);
  else if (frame.type === "trouble") trouble.switches(frame.trouble);
  else if (frame.type === "channels") {
    scene = new Scene({ ...scene, channels: frame.channels });
    for (const part of [sidebar, trouble]) part.show(scene);
  }
}

// Does what the person asked for, and opens the form that the bot answered with, if it did; the
// answer comes back.
async function act(request) {
  const answer = await connection.ask(request);
  const actions = { ask: (submission) => connection.ask(submission), leave: () => composer.focus() };
  if (answer.modal) openModal(answer.modal, scene, actions);
  return answer;
}

// Tells whether it was done.
async function press(request, button) {
  composer.say("");
  // aria-disabled keeps the focus where it is while the bot answers.
  if (button.getAttribute("aria-disabled") === "true") return false;
  button.setAttribute("aria-disabled", "true");
  try {
    await act(request);
    return true;
  } catch (error) {
    composer.say(error.message);
    return false;
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

theme(document.getElementById("theme"));
setInterval(tick, 1000);
