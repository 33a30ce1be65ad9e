// The part of Discord's markdown that messages here use, as nodes. `names` answers
// person(id), role(id), channel(id) with a display name, or undefined.
import { h } from "./element.js";
import { timestamp } from "./timestamp.js";

const EMPHASIS = String.raw`((?:\\[\s\S]|[^\\])+?)`;

// In the order in which Discord tries them at each position.
const INLINE = [
  [/\\([^0-9A-Za-z\s])/y, ([, character]) => character],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, ([, , code]) => h("code", {}, code.replace(/^ (.*) $/, "$1"))],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, ([, seconds, style]) => timestamp(Number(seconds), style)],
  [/<@!?(\d+)>/y, ([, id], names) => mention(`@${names.person(id) ?? "unknown-user"}`)],
  [/<@&(\d+)>/y, ([, id], names) => mention(`@${names.role?.(id) ?? "unknown-role"}`)],
  [/<#(\d+)>/y, ([, id], names) => mention(`#${names.channel(id) ?? "unknown"}`)],
  [/<\/([^:>\n]{1,100}):\d+>/y, ([, command]) => mention(`/${command}`)],
  [/<(https?:\/\/[^\s<>]+)>/y, ([, url]) => link(url, [url])],
  [
    /\[((?:\\.|[^\[\]\\\n])+)\]\(<?(https?:\/\/[^\s()<>]+)>?\)/y,
    ([, words, url], names) => link(url, inline(words, names)),
  ],
  [/https?:\/\/[^\s<]+[^\s<.,:;"'\])]/y, ([url]) => link(url, [url])],
  [new RegExp(String.raw`\*\*${EMPHASIS}\*\*(?!\*)`, "y"), wrap("strong")],
  [new RegExp(String.raw`__${EMPHASIS}__(?!_)`, "y"), wrap("u")],
  [new RegExp(String.raw`~~${EMPHASIS}~~`, "y"), wrap("s")],
  [new RegExp(String.raw`\|\|${EMPHASIS}\|\|`, "y"), wrap("span", { class: "spoiler", tabindex: 0 })],
  [/\*(?=\S)((?:\\[\s\S]|\*\*|[^*\\])+?)\*(?!\*)/y, wrap("em")],
  [/_((?:\\[\s\S]|__|[^_\\])+?)_(?![0-9A-Za-z_])/y, wrap("em")],
];

const PLAIN = /[\s\S][^\\`<[*_~|h]*/y;

function wrap(tag, attributes) {
  return ([, words], names) => h(tag, attributes, ...inline(words, names));
}

function mention(text) {
  return h("span", { class: "mention" }, text);
}

function link(url, children) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function inline(text, names) {
  const nodes = [];
  let at = 0;
  while (at < text.length) {
    const [length, node] = take(text, at, names);
    nodes.push(node);
    at += length;
  }
  return nodes;
}

function take(text, at, names) {
  for (const [pattern, build] of INLINE) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    // `build` may parse what is inside with the same pattern object; the match is already taken.
    if (found) return [found[0].length, build(found, names)];
  }
  PLAIN.lastIndex = at;
  const [plain] = PLAIN.exec(text);
  return [plain.length, plain];
}

const FENCE = /```(?:[0-9A-Za-z_+-]+\n)?\n*([\s\S]+?)\n*```/g;
const HEADING = /^(#{1,3}) +(?=\S)/;
const BULLET = /^ *[-*] +(?=\S)/;
const SMALL = /^-# +(?=\S)/;

export function markdown(text, names) {
  const nodes = [];
  let at = 0;
  for (const fence of text.matchAll(FENCE)) {
    nodes.push(...lines(text.slice(at, fence.index), names));
    nodes.push(h("pre", {}, h("code", {}, fence[1])));
    at = fence.index + fence[0].length;
  }
  nodes.push(...lines(text.slice(at), names));
  return nodes;
}

function lines(text, names) {
  const rest = text.replace(/^\n|\n$/g, "").split("\n");
  const nodes = [];
  while (rest.length > 0) nodes.push(block(rest, names));
  return nodes.filter((node) => node.hasChildNodes());
}

// Takes the lines of one block off the front of `rest`.
function block(rest, names) {
  if (rest[0].startsWith(">>> ")) {
    return h("blockquote", {}, ...lines(rest.splice(0).join("\n").slice(4), names));
  }
  if (rest[0].startsWith("> ")) {
    const quoted = takeWhile(rest, (line) => line.startsWith("> ")).map((line) => line.slice(2));
    return h("blockquote", {}, ...plain(quoted, names));
  }
  if (BULLET.test(rest[0])) {
    const items = takeWhile(rest, (line) => BULLET.test(line));
    return h("ul", {}, items.map((line) => h("li", {}, ...inline(line.replace(BULLET, ""), names))));
  }
  if (SMALL.test(rest[0])) return h("small", {}, ...inline(rest.shift().replace(SMALL, ""), names));
  const [, signs] = HEADING.exec(rest[0]) ?? [];
  if (signs) {
    return h("h3", { class: `level-${signs.length}` }, ...inline(rest.shift().replace(HEADING, ""), names));
  }
  const [first] = rest.splice(0, 1);
  return h("p", {}, ...inline([first, ...takeWhile(rest, isPlain)].join("\n"), names));
}

// Inside a quote small text and headings still work, another quote does not.
function plain(quoted, names) {
  return lines(quoted.map((line) => line.replace(/^>/, "\\>")).join("\n"), names);
}

function isPlain(line) {
  return !/^>>?>? /.test(line) && ![BULLET, SMALL, HEADING].some((pattern) => pattern.test(line));
}

function takeWhile(rest, holds) {
  const end = rest.findIndex((line) => !holds(line));
  return rest.splice(0, end === -1 ? rest.length : end);
}
