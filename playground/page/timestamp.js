import { h } from "./element.js";

const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

const WORDS = new Intl.RelativeTimeFormat("en", { numeric: "always" });

function format(date, style) {
  return new Intl.DateTimeFormat(undefined, FORMATS[style] ?? FORMATS.f).format(date);
}

function distance(date) {
  const seconds = Math.round((date - Date.now()) / 1000);
  if (seconds === 0) return "now";
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return WORDS.format(Math.trunc(seconds / size), unit);
}

// Discord's <t:SECONDS:STYLE>; style R is a distance that ticks.
export function timestamp(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "Invalid date";
  const relative = style === "R";
  return h(
    "time",
    {
      datetime: date.toISOString(),
      title: format(date, "F"),
      class: "timestamp",
      "data-relative": relative,
    },
    relative ? distance(date) : format(date, style),
  );
}

// When a message was sent, as Discord says it: "Today at 14:03".
export function sentAt(iso) {
  const date = new Date(iso);
  const midnight = new Date().setHours(0, 0, 0, 0);
  const days = Math.round((new Date(iso).setHours(0, 0, 0, 0) - midnight) / 86_400_000);
  const clock = format(date, "t");
  const words = { "0": `Today at ${clock}`, "-1": `Yesterday at ${clock}` };
  const text = words[days] ?? `${format(date, "d")} ${clock}`;
  return h("time", { datetime: date.toISOString(), title: format(date, "F"), class: "sent" }, text);
}

export function tick() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    // Changing the text node, not replacing it: the log announces additions, and a screen reader
    // must not read the clock aloud every second.
    const words = distance(new Date(time.dateTime));
    if (time.firstChild.data !== words) time.firstChild.data = words;
  }
}
