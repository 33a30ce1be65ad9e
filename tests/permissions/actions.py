"""Every action that not everybody may, performed: one function each, which says the verdict.

A new one is one function and one line of ACTIONS; if it refuses in words of its own, also one of
REFUSALS in `tests.permissions.scene`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.domain.generation import Generation, Status
from bot.domain.guild import Holder
from bot.domain.style import LONGEST_NAME
from bot.storage.storage import Storage
from bot.views.moderation import Look
from bot.wording import desk as desk_words
from bot.wording import images, moderation, privacy, screening
from bot.wording import settings as settings_words
from tests.permissions.scene import ELSEWHERE, Scene, subject, told, verdict

Act = Callable[[Scene], Awaitable[str]]
Send = Callable[..., Awaitable[Any]]


# --- images


async def imagine(scene: Scene) -> str:
    before = len(scene.world.provider.inputs)
    result = await scene.command("imagine", prompt="a fox")
    await scene.world.env.advance_time(2)
    return verdict(result, done=len(scene.world.provider.inputs) > before)


async def cancel_own(scene: Scene) -> str:
    return await _cancel(scene, scene.who, scene.press)


async def cancel_others(scene: Scene) -> str:
    return await _cancel(scene, scene.asker, scene.press)


async def cancel_from_elsewhere(scene: Scene) -> str:
    return await _cancel(scene, scene.asker, scene.press_there)


async def _cancel(scene: Scene, asker: Any, press: Send) -> str:
    row = await scene.ask(asker, seconds=2)
    result = await press(f"imagine:cancel:{row.id}")
    now = await scene.latest(asker)
    return verdict(result, done=now.cancel_requested_at is not None)


async def resend_own(scene: Scene) -> str:
    return await _resend(scene, scene.who, scene.press)


async def resend_others(scene: Scene) -> str:
    return await _resend(scene, scene.asker, scene.press)


async def resend_from_elsewhere(scene: Scene) -> str:
    return await _resend(scene, scene.asker, scene.press_there)


async def _resend(scene: Scene, asker: Any, press: Send) -> str:
    row = await scene.ask(asker)
    result = await press(f"imagine:resend:{row.id}")
    return verdict(result, done=bool(result.response.attachments))


async def me(scene: Scene) -> str:
    result = await scene.command("me")
    return verdict(result, done=privacy.TITLE in told(result))


async def usage_of_server(scene: Scene) -> str:
    result = await scene.command("usage", server=True)
    return verdict(result, done="**This server**" in told(result))


async def usage_of_member(scene: Scene) -> str:
    result = await scene.command("usage", member=scene.asker)
    return verdict(result, done="**All time**" in told(result))


# --- settings


async def open_settings(scene: Scene) -> str:
    result = await scene.command("settings")
    return verdict(result, done=settings_words.TITLE in told(result))


async def change_setting(scene: Scene) -> str:
    return await _changes(scene, lambda: scene.press("imagine:settings:set:spoiler-1-0"))


async def change_setting_from_elsewhere(scene: Scene) -> str:
    return await _changes(scene, lambda: scene.press_there("imagine:settings:set:spoiler-1-0"))


async def submit_setting(scene: Scene) -> str:
    form = f"imagine-form:settings:zone:guild-0-{scene.world.policy.version}"
    return await _changes(scene, lambda: scene.submit(form, zone="Europe/Berlin"))


async def submit_setting_from_elsewhere(scene: Scene) -> str:
    form = f"imagine-form:settings:zone:guild-0-{scene.world.policy.version}"
    return await _changes(scene, lambda: scene.submit_there(form, zone="Europe/Berlin"))


async def ignore_automod(scene: Scene) -> str:
    return await _changes(scene, lambda: scene.press("imagine:automod:ignore:"))


async def ignore_automod_from_elsewhere(scene: Scene) -> str:
    return await _changes(scene, lambda: scene.press_there("imagine:automod:ignore:"))


async def _changes(scene: Scene, attempt: Callable[[], Awaitable[Any]]) -> str:
    before = scene.world.policy.version
    result = await attempt()
    done = scene.world.policy.version > before
    for name in ("spoiler", "zone", "automod"):  # for whoever tries next
        await scene.world.set_limit(Holder.GUILD, 0, name, None)
    return verdict(result, done=done)


async def refuse_word(scene: Scene) -> str:
    return await _words(scene, scene.submit)


async def refuse_word_from_elsewhere(scene: Scene) -> str:
    return await _words(scene, scene.submit_there)


async def _words(scene: Scene, submit: Send) -> str:
    screens, guild_id = scene.world.bot.screens, scene.world.guild.id
    before = len(screens.rules(guild_id))
    result = await submit("imagine-form:words:add:", lines=scene.asker.name)
    return verdict(result, done=len(screens.rules(guild_id)) > before)


async def add_style(scene: Scene) -> str:
    return await _styles(scene, scene.submit)


async def add_style_from_elsewhere(scene: Scene) -> str:
    return await _styles(scene, scene.submit_there)


async def _styles(scene: Scene, submit: Send) -> str:
    styles, guild_id = Storage.of(scene.world.database).styles, scene.world.guild.id
    before = await styles.stored()
    name = f"Style {scene.world.env.now().timestamp()} {scene.kind}"[-LONGEST_NAME:]
    result = await submit("imagine-form:styles:add:", name=name, prefix="film noir,", suffix="")
    now = await styles.stored()
    return verdict(result, done=len(now.get(guild_id, ())) > len(before.get(guild_id, ())))


async def prefer(scene: Scene) -> str:
    preferences = Storage.of(scene.world.database).preferences
    result = await scene.press("imagine:preferences:switch:notify-1")
    return verdict(result, done=(await preferences.of(scene.who.id)).notify)


# --- people and the record


async def queue(scene: Scene) -> str:
    result = await scene.command("moderation queue")
    return verdict(result, done=desk_words.NOTHING_PENDING in told(result))


async def log(scene: Scene) -> str:
    result = await scene.command("moderation log")
    return verdict(result, done=moderation.LOG in told(result))


async def log_as_csv(scene: Scene) -> str:
    result = await scene.press(f"imagine:moderation:csv:{Look().subject}")
    return verdict(result, done=bool(result.response.attachments))


async def log_from_elsewhere(scene: Scene) -> str:
    """Whoever moderates that server has its record, which is empty."""
    await scene.block(scene.asker, True)
    result = await scene.press_there(f"imagine:moderation:csv:{Look().subject}")
    if not result.response.attachments:
        return verdict(result, done=False)
    [file] = result.response.attachments
    assert len((await file.read()).splitlines()) == 1
    return ELSEWHERE


async def try_words(scene: Scene) -> str:
    result = await scene.command("moderation test", text="a fox")
    return verdict(result, done=screening.FINE in told(result))


async def warn(scene: Scene) -> str:
    return await _recorded(scene, "warn")


async def block(scene: Scene) -> str:
    return await _recorded(scene, "block")


async def unblock(scene: Scene) -> str:
    await scene.block(scene.asker, True)
    return await _recorded(scene, "unblock")


async def _recorded(scene: Scene, what: str) -> str:
    before = await scene.acts()
    result = await scene.command(f"moderation {what}", user=scene.asker)
    return verdict(result, done=await scene.acts() > before)


# --- the desk


async def approve(scene: Scene) -> str:
    return await _press_card(scene, "approve", Status.DELIVERED)


async def approve_as_spoiler(scene: Scene) -> str:
    return await _press_card(scene, "spoiler", Status.DELIVERED)


async def _press_card(scene: Scene, verb: str, status: Status) -> str:
    row = await scene.review()
    result = await scene.press(f"imagine:desk:{verb}:{subject(row)}", scene.card)
    return verdict(result, done=await scene.status() is status)


async def open_rejection(scene: Scene) -> str:
    row = await scene.review()
    result = await scene.press(f"imagine:desk:reject:{subject(row)}", scene.card)
    return verdict(result, done=result.modal is not None)


async def reject(scene: Scene) -> str:
    return await _submit_rejection(scene, "reject", scene.submit)


async def reject_and_block(scene: Scene) -> str:
    return await _submit_rejection(scene, "block", scene.submit)


async def reject_from_elsewhere(scene: Scene) -> str:
    return await _submit_rejection(scene, "reject", scene.submit_there)


async def reject_and_block_from_elsewhere(scene: Scene) -> str:
    return await _submit_rejection(scene, "block", scene.submit_there)


async def _submit_rejection(scene: Scene, verb: str, submit: Send) -> str:
    row = await scene.review()
    before = await scene.acts()
    form = f"imagine-form:desk:{verb}:{subject(row)}"
    result = await submit(form, reason="no", duration="")
    done = await scene.status() is Status.REJECTED
    assert await scene.acts() - before == (done * (2 if verb == "block" else 1))
    return verdict(result, done=done)


async def approve_from_elsewhere(scene: Scene) -> str:
    row = await scene.review()
    result = await scene.press_there(f"imagine:desk:approve:{subject(row)}")
    return verdict(result, done=await scene.status() is not Status.REVIEWING)


async def spoiler_from_elsewhere(scene: Scene) -> str:
    row = await scene.review()
    result = await scene.press_there(f"imagine:desk:spoiler:{subject(row)}")
    return verdict(result, done=await scene.status() is not Status.REVIEWING)


async def decide_own(scene: Scene) -> str:
    row = await scene.review(scene.who)
    result = await scene.press(f"imagine:desk:approve:{subject(row)}", scene.card)
    await scene.world.env.advance_time(5)
    now = await scene.latest(scene.who)
    return verdict(result, done=now.status is Status.DELIVERED)


async def see_why_own(scene: Scene) -> str:
    row = await scene.reject(scene.who)
    result = await scene.press(f"imagine:desk:why:{row.id}")
    return verdict(result, done="too red" in told(result))


async def see_why_others(scene: Scene) -> str:
    return await _see_why_others(scene, scene.press)


async def see_why_from_elsewhere(scene: Scene) -> str:
    return await _see_why_others(scene, scene.press_there)


async def _see_why_others(scene: Scene, press: Send) -> str:
    row = await scene.reject()
    result = await press(f"imagine:desk:why:{row.id}")
    return verdict(result, done="too red" in told(result))


# --- appeals


async def open_appeal(scene: Scene) -> str:
    row = await scene.reject(scene.who)
    result = await scene.press(f"imagine:desk:appeal:{row.id}")
    return verdict(result, done=result.modal is not None)


async def appeal_own(scene: Scene) -> str:
    row = await scene.reject(scene.who)
    result = await scene.submit(f"imagine-form:desk:appeal:{row.id}", appeal="it is a fox")
    now = await scene.latest(scene.who)
    return verdict(result, done=now.status is Status.APPEALING)


async def appeal_others(scene: Scene) -> str:
    return await _appeal_others(scene, scene.submit)


async def appeal_from_elsewhere(scene: Scene) -> str:
    return await _appeal_others(scene, scene.submit_there)


async def _appeal_others(scene: Scene, submit: Send) -> str:
    row = await scene.reject()
    result = await submit(f"imagine-form:desk:appeal:{row.id}", appeal="it is a fox")
    return verdict(result, done=await scene.status() is Status.APPEALING)


async def grant_appeal(scene: Scene) -> str:
    row = await scene.appeal()
    result = await scene.press(f"imagine:desk:approve:{subject(row)}", scene.card)
    return verdict(result, done=await scene.status() is Status.DELIVERED)


# --- after the fact


async def details(scene: Scene) -> str:
    return await _details(await scene.ask(), scene.press)


async def details_of_private(scene: Scene) -> str:
    return await _details(await scene.ask(private=True), scene.press)


async def details_from_elsewhere(scene: Scene) -> str:
    return await _details(await scene.ask(), scene.press_there)


async def _details(row: Generation, press: Send) -> str:
    result = await press(f"imagine:image:open:{row.id}")
    return verdict(result, done=images.TITLE in told(result))


async def delete_own(scene: Scene) -> str:
    return await _removed(scene, scene.who, scene.press, "imagine:image:delete-now:{}")


async def delete_others(scene: Scene) -> str:
    return await _removed(scene, scene.asker, scene.press, "imagine:image:delete-now:{}")


async def delete_from_elsewhere(scene: Scene) -> str:
    return await _removed(scene, scene.asker, scene.press_there, "imagine:image:delete-now:{}")


async def remove(scene: Scene) -> str:
    return await _removed(scene, scene.asker, scene.submit, "imagine-form:image:remove:{}")


async def remove_from_elsewhere(scene: Scene) -> str:
    return await _removed(scene, scene.asker, scene.submit_there, "imagine-form:image:remove:{}")


async def _removed(scene: Scene, asker: Any, attempt: Send, custom_id: str) -> str:
    row = await scene.ask(asker)
    result = await attempt(custom_id.format(row.id))
    return verdict(result, done=(await scene.latest(asker)).removed_by is not None)


async def report(scene: Scene) -> str:
    return await _report(scene, scene.asker, scene.submit)


async def report_own(scene: Scene) -> str:
    return await _report(scene, scene.who, scene.submit)


async def report_from_elsewhere(scene: Scene) -> str:
    return await _report(scene, scene.asker, scene.submit_there)


async def _report(scene: Scene, asker: Any, submit: Send) -> str:
    row = await scene.ask(asker)
    result = await submit(f"imagine-form:image:report:{row.id}", reason="no")
    return verdict(result, done=await scene.reports(row) > 0)


async def dismiss(scene: Scene) -> str:
    return await _dismiss(scene, scene.press)


async def dismiss_from_elsewhere(scene: Scene) -> str:
    return await _dismiss(scene, scene.press_there)


async def _dismiss(scene: Scene, press: Send) -> str:
    row = await scene.report()
    result = await press(f"imagine:image:dismiss:{row.id}")
    return verdict(result, done=await scene.reports(row) == 0)


async def save_own(scene: Scene) -> str:
    return await _save(scene, scene.who, scene.press)


async def save_others(scene: Scene) -> str:
    return await _save(scene, scene.asker, scene.press)


async def save_from_elsewhere(scene: Scene) -> str:
    return await _save(scene, scene.who, scene.press_there)


async def _save(scene: Scene, asker: Any, press: Send) -> str:
    await scene.world.set_limit(Holder.GUILD, 0, "saving", "1")
    row = await scene.ask(asker)
    result = await press(f"imagine:saved:save:{row.id}-0")
    return verdict(result, done=await scene.saved(row))


async def unsave_others(scene: Scene) -> str:
    return await _unsave(scene, scene.press)


async def unsave_from_elsewhere(scene: Scene) -> str:
    return await _unsave(scene, scene.press_there)


async def _unsave(scene: Scene, press: Send) -> str:
    row, now = await scene.ask(), scene.world.clock.now()
    saved = scene.world.bot._storage.saved
    await saved.save(row.id, 0, row.request.user_id, restricted=False, now=now)
    result = await press(f"imagine:saved:unsave:{row.id}-0")
    return verdict(result, done=not await scene.saved(row))


ACTIONS: Mapping[str, Act] = {
    "`/imagine` in this server": imagine,
    "*Cancel* of one's own request": cancel_own,
    "*Cancel* of somebody else's": cancel_others,
    "`/history`: one's own image again": resend_own,
    "somebody else's image again (a forged press)": resend_others,
    "`/me`": me,
    "`/usage member`": usage_of_member,
    "`/usage server`": usage_of_server,
    "`/settings`": open_settings,
    "change a setting: a press": change_setting,
    "change a setting: a form": submit_setting,
    "not apply the server's AutoMod": ignore_automod,
    "refuse a word": refuse_word,
    "`/moderation queue`": queue,
    "`/moderation log`": log,
    "the record as CSV": log_as_csv,
    "`/moderation test`": try_words,
    "`/moderation warn`, a member": warn,
    "`/moderation block`, a member": block,
    "`/moderation unblock`, a member": unblock,
    "*Approve*": approve,
    "*Approve as spoiler*": approve_as_spoiler,
    "*Reject …*: the button": open_rejection,
    "*Reject …*: the form": reject,
    "*Reject and block …*: the form": reject_and_block,
    "*Approve* one's own request": decide_own,
    "*See why* of one's own request": see_why_own,
    "*See why* of somebody else's": see_why_others,
    "*Appeal …*: the button": open_appeal,
    "*Appeal …*: the form": appeal_own,
    "*Appeal …* for somebody else: the form": appeal_others,
    "*Approve* on an appeal, rejected by another moderator": grant_appeal,
    "*Image details* of a public image": details,
    "*Image details* of a private image": details_of_private,
    "*Delete …* of one's own image": delete_own,
    "*Delete …* of somebody else's": delete_others,
    "*Remove …*: the form": remove,
    "*Report …*: the form": report,
    "*Report …* of one's own image": report_own,
    "*Dismiss* a report": dismiss,
    "from another server: *Cancel*": cancel_from_elsewhere,
    "from another server: *Approve*": approve_from_elsewhere,
    "from another server: *Approve as spoiler*": spoiler_from_elsewhere,
    "from another server: *Reject …*": reject_from_elsewhere,
    "from another server: *Reject and block …*": reject_and_block_from_elsewhere,
    "from another server: *See why* of somebody else's": see_why_from_elsewhere,
    "from another server: *Appeal …* for somebody else": appeal_from_elsewhere,
    "from another server: *Image details*": details_from_elsewhere,
    "from another server: *Delete …*": delete_from_elsewhere,
    "from another server: *Remove …*": remove_from_elsewhere,
    "from another server: *Report …*": report_from_elsewhere,
    "from another server: *Dismiss*": dismiss_from_elsewhere,
    "from another server: somebody else's image again": resend_from_elsewhere,
    "from another server: the record as CSV": log_from_elsewhere,
    "from another server: a press in `/settings`": change_setting_from_elsewhere,
    "from another server: a form of `/settings`": submit_setting_from_elsewhere,
    "from another server: not apply AutoMod": ignore_automod_from_elsewhere,
    "from another server: refuse a word": refuse_word_from_elsewhere,
    "*Save* one's own image for the server": save_own,
    "*Save* somebody else's (a forged press)": save_others,
    "*Unsave* somebody else's": unsave_others,
    "from another server: *Save* one's own image": save_from_elsewhere,
    "from another server: *Unsave* somebody else's": unsave_from_elsewhere,
    "`/me`: a preference": prefer,
    "add a style": add_style,
    "from another server: add a style": add_style_from_elsewhere,
}
