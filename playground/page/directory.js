// Whom and what a person can choose: the people, roles and channels of the server, and the choices
// of options and menus, all as {label, value, detail}.

const STRING = 3;
const TYPES = { channel: 0, dm: 1, thread: 11 };
const MENUS = { 5: ["people"], 6: ["roles"], 7: ["people", "roles"], 8: ["channels"] };
const OPTIONS = { 6: ["people"], 7: ["channels"], 8: ["roles"], 9: ["people", "roles"] };
const BOOLEAN = 5;

// What a select menu offers.
export function offered(menu, scene) {
  if (menu.type !== STRING) return listed(MENUS[menu.type] ?? [], menu, scene);
  return menu.options.map(({ label, value, description, emoji }) => ({
    label: emoji?.name && !emoji.id ? `${emoji.name} ${label}` : label,
    value,
    detail: description,
  }));
}

// The values that a select menu starts with.
export function preselected(menu) {
  if (menu.type === STRING) return menu.options.filter((option) => option.default).map(({ value }) => value);
  return (menu.default_values ?? []).map(({ id }) => String(id));
}

// A command whose options have choices wherever a person picks from a list.
export function withChoices(command, scene) {
  const options = (command.options ?? []).map((option) => {
    const choices = option.type === BOOLEAN ? yesOrNo() : OPTIONS[option.type] && people(option, scene);
    return choices ? { ...option, choices } : option;
  });
  return { ...command, options };
}

// A command's leaves: itself, or its subcommands under their full names.
export function leaves(command) {
  const nested = (command.options ?? []).filter(({ type }) => type === 1 || type === 2);
  if (nested.length === 0) return [command];
  return nested.flatMap((child) => leaves({ ...child, name: `${command.name} ${child.name}` }));
}

function people(option, scene) {
  return listed(OPTIONS[option.type], option, scene).map(({ label, value, detail }) => ({ name: label, value, detail }));
}

function yesOrNo() {
  return [{ name: "True", value: true }, { name: "False", value: false }];
}

function listed(groups, declared, scene) {
  const direct = scene.channels.find(({ id }) => id === scene.channel)?.kind === "dm";
  const lists = {
    people: () => [...scene.people.filter(({ id }) => !direct || id === scene.person), { ...scene.app, about: "App" }].map(person),
    roles: () => (direct ? [] : scene.roles.map(role)),
    channels: () => (direct ? [] : scene.channels.filter((place) => allowed(place, declared)).map(channel)),
  };
  return groups.flatMap((group) => lists[group]());
}

function allowed({ kind }, { channel_types: types }) {
  return kind !== "dm" && (!types?.length || types.includes(TYPES[kind]));
}

function person({ id, name, about }) {
  return { label: name, value: id, detail: about ?? "Member" };
}

function role({ id, name }) {
  return { label: `@${name.replace(/^@/, "")}`, value: id, detail: "Role" };
}

function channel({ id, name, kind }) {
  return { label: `#${name}`, value: id, detail: kind === "thread" ? "Thread" : "Channel" };
}
