"""What a flow has a caller say (node record): begun, ended, heard, done over, kept.

It is recorded as voicemail is. For a box it becomes a message when it is kept, or when the caller
hangs up; one that was done over stays a recording of the call and no more.
"""

from appliance.engines.calls import messages
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.flow_recording_state import FlowRecording
from appliance.engines.calls.state import CallState, Purpose
from appliance.engines.ivr.commands import BeginRecording, PlayRecorded
from appliance.vocabulary.audio import Channel, Playlist, Silence, Track
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import PromptHash, RecordingId
from appliance.vocabulary.journal import RecordingOpened
from appliance.vocabulary.messages import MESSAGE


def begin(exchange: Exchange, call: CallState, command: BeginRecording) -> None:
    """The beep is over: the caller speaks."""
    caller = call.caller_leg
    if caller is None or call.run is None:
        return
    call.playing = None
    recording = call.recording = RecordingId(exchange.new_name("r"))
    call.recorded = FlowRecording(recording=recording, box=command.box)
    call.run.variables[command.variable] = recording
    exchange.write(
        call, RecordingOpened(recording=recording, is_message=bool(command.box), box=command.box)
    )
    caller.quiet_after = command.quiet_after or None
    track = Track(recording=recording, channel=Channel.CALLER)
    exchange.set_audio(call, caller, hears=Silence(), track=track)


def stop(exchange: Exchange, call: CallState) -> None:
    """He has spoken; who calls this closes the recording."""
    caller = call.caller_leg
    if caller is not None:
        caller.quiet_after = None
        exchange.stop_track(call, caller)


def keep(exchange: Exchange, call: CallState) -> None:
    """It is as he wants it, or he has hung up: for a box it is a message now."""
    recorded, call.recorded = call.recorded, None
    if recorded is None or not recorded.box:
        return
    call.box = recorded.box
    messages.begin(exchange, call, recorded.recording)
    if recorded.sealed is not None:
        messages.sealed(exchange, recorded.sealed)


def play(exchange: Exchange, call: CallState, command: PlayRecorded) -> bool:
    """Let him hear it, as soon as its file is made; False where there is nothing to hear."""
    recorded = call.recorded
    if recorded is None:
        return False
    recorded.wanted = command.play
    return recorded.sealed is None or _play(exchange, call, recorded)


def sealed(exchange: Exchange, event: RecordingSealed) -> int | None:
    """Its file is made. Return the play that cannot be, where he waits for one in vain."""
    call = exchange.calls.get(event.call)
    recorded = None if call is None else call.recorded
    if call is None or recorded is None or recorded.recording != event.recording:
        return None
    recorded.sealed = event
    exchange.touch(call)
    waits = recorded.wanted and call.run is not None and call.run.plays == recorded.wanted
    if waits and call.run is not None and call.run.is_playing:
        return None if _play(exchange, call, recorded) else recorded.wanted
    return None


def _play(exchange: Exchange, call: CallState, recorded: FlowRecording) -> bool:
    leg = call.caller_leg
    if leg is None or recorded.sealed is None or not recorded.sealed.file:
        return False
    play = exchange.next_play(call, Purpose.FLOW)
    if call.playing is not None:
        call.playing.number = recorded.wanted
    prompts = (PromptHash(MESSAGE + recorded.sealed.file),)
    hears = Playlist(play=play, prompts=prompts, since=exchange.now, stop_on_digit=True)
    exchange.set_audio(call, leg, hears=hears)
    return True
