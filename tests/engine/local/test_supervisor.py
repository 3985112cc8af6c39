"""The supervisor: crashed parts come back, all of them stop in time, and none stays behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from domain.errors import Unavailable
from engine.local.mongod import STOP_SECONDS as MONGOD_STOP
from engine.local.process_output import _FLUSH_SECONDS, ProcessOutput
from engine.local.supervisor import PIPE_SECONDS, ProcessSpec, RestartPolicy, Supervisor, run_process
from engine.local.valkey import STOP_SECONDS as VALKEY_STOP

QUICK = RestartPolicy(stop_seconds=1.0, first_backoff=0.01, max_backoff=0.05)
SLEEP = "print('up', flush=True); time.sleep(60)"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP

# A supervisor in a process of its own: its arguments are the programs of its parts.
# It hears SIGHUP whatever it inherits: the tests themselves may run under nohup.
SUPERVISOR = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from engine.local.process_output import ProcessOutput
from engine.local.supervisor import ProcessSpec, RestartPolicy, Supervisor, run_until_signal

parts = [ProcessSpec(f"part-{n}", (sys.executable, "-S", "-c", program)) for n, program in enumerate(sys.argv[1:])]
with ProcessOutput([part.name for part in parts]) as output:
    stopped = run_until_signal(Supervisor(parts, output, RestartPolicy(stop_seconds=600)).run())
    output.say(f"stopped by a signal: {stopped}")
"""


def program(code):
    return "import os, signal, sys, time; " + code


def part(name, code):
    return ProcessSpec(name, (sys.executable, "-S", "-c", program(code)))


@pytest.fixture
def printed(tmp_path):
    """An output, and what it has printed so far."""
    path = tmp_path / "printed"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    with ProcessOutput(["api", "worker"], descriptor) as output:
        yield output, path.read_text
    os.close(descriptor)


@pytest.fixture
async def supervise(printed):
    """Run parts in the background; what comes back stops them, as a signal would."""
    tasks = []

    def start(*parts, policy=QUICK):
        tasks.append(asyncio.create_task(Supervisor(parts, printed[0], policy).run()))

        async def stop():
            began = time.monotonic()
            tasks[-1].cancel()
            await asyncio.wait(tasks)
            return time.monotonic() - began

        return stop

    yield start
    for task in tasks:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def supervisor():
    """Start the program SUPERVISOR, in a process group of its own."""
    processes = []

    def start(*codes, stdout=subprocess.PIPE):
        command = [sys.executable, "-c", SUPERVISOR, *map(program, codes)]
        process = subprocess.Popen(command, stdout=stdout, text=True, start_new_session=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


async def until(condition, within=60.0):
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


def read_until(process, text, count=1):
    """Read lines up to the one that has `text` for the `count`-th time."""
    lines = []
    while sum(text in line for line in lines) < count:
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    return lines


def alive(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""  # a zombie has none
    except OSError:
        return False


# --- keeping parts running


async def test_a_part_that_crashes_is_started_again(supervise, printed):
    _, text = printed
    stop = supervise(part("api", "print('up'); time.sleep(0.05); sys.exit(3)"))
    await until(lambda: text().count("| up") >= 3)
    await stop()
    assert "api    | ended with exit code 3, starts again in 0.01 s\n" in text()
    assert "api    | ended with exit code 3, starts again in 0.02 s\n" in text()  # the pause doubles


async def test_a_part_that_is_killed_is_started_again_and_the_others_run_on(supervise, printed):
    _, text = printed
    stop = supervise(
        part("api", "print(os.getpid(), flush=True); time.sleep(60)"),
        part("worker", "print('up'); time.sleep(60)"),
    )
    await until(lambda: re.search(r"api    \| \d+\n", text()) and "worker | up" in text())
    os.kill(int(re.search(r"api    \| (\d+)\n", text())[1]), signal.SIGKILL)
    await until(lambda: len(re.findall(r"api    \| \d+\n", text())) == 2)
    assert "api    | ended with signal SIGKILL" in text()
    await stop()
    assert text().count("worker | up") == 1


async def test_a_part_that_keeps_dying_stops_everything_and_is_named_with_its_last_lines(printed):
    output, text = printed
    dying = part("worker", "print('no database'); sys.exit(7)")
    with pytest.raises(Unavailable) as failure:
        await Supervisor([part("api", "print(os.getpid()); time.sleep(60)"), dying], output, QUICK).run()
    assert str(failure.value) == (
        "worker ended 5 times within 30 s, the last time with exit code 7, so the engine stops. "
        "Its last lines:\n  no database"
    )
    await until(lambda: "api    |" in text())
    assert not alive(int(re.search(r"api    \| (\d+)\n", text())[1]))


async def test_a_part_that_dies_now_and_then_is_never_given_up(supervise, printed):
    _, text = printed
    policy = RestartPolicy(first_backoff=0.01, healthy_after=0.05, max_exits=3, within=0.1)
    stop = supervise(part("api", "print('up'); time.sleep(0.1)"), policy=policy)
    await until(lambda: text().count("| up") >= 5)
    await stop()
    assert text().count("starts again in 0.01 s") >= 4  # the back-off was reset each time


# --- stopping


async def test_all_parts_stop_at_the_same_time(supervise, printed, tmp_path):
    _, text = printed
    ends_with_the_others = f"""if True:
        def end(*_):
            open({str(tmp_path)!r} + f"/stopping-{{os.getpid()}}", "w").close()
            while sum(name.startswith("stopping-") for name in os.listdir({str(tmp_path)!r})) < 4:
                time.sleep(0.01)
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        {SLEEP}
    """
    stop = supervise(
        *(part(f"api-{number}", "\n" + ends_with_the_others) for number in range(4)),
        policy=RestartPolicy(stop_seconds=30),
    )
    await until(lambda: text().count("| up") == 4)
    await stop()
    assert "was killed" not in text()


async def test_the_last_words_of_a_stopping_part_are_printed(supervise, printed):
    _, text = printed
    saying_bye = part("api", "signal.signal(signal.SIGTERM, lambda *_: sys.exit('bye')); " + SLEEP)
    stop = supervise(saying_bye, policy=RestartPolicy(stop_seconds=30))
    await until(lambda: "| up" in text())
    await stop()
    await until(lambda: "api    | bye\n" in text())


async def test_a_part_that_ignores_sigterm_is_killed_when_its_time_is_over(supervise, printed):
    _, text = printed
    stop = supervise(part("api", DEAF), policy=RestartPolicy(stop_seconds=0.3))
    await until(lambda: "| up" in text())
    assert await stop() > 0.3
    await until(lambda: "api    | did not stop in time and was killed\n" in text())


async def test_stopping_during_the_pause_before_a_new_start_is_immediate(supervise, printed):
    _, text = printed
    stop = supervise(part("api", "sys.exit(1)"), policy=RestartPolicy(first_backoff=3600))
    await until(lambda: "starts again in 3600 s" in text())
    await stop()


async def test_what_a_part_started_itself_ends_with_it(printed):
    output, _ = printed
    ending = await run_process(
        part("api", "print(os.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '60'))"), output, 1.0
    )
    assert ending.code == 0
    await until(lambda: not alive(int(ending.last_lines[0])))


async def test_a_stray_that_holds_the_output_open_does_not_hold_up_the_end(printed):
    output, _ = printed
    stray = """apart, has_parted = os.pipe()
if stray := os.fork():
    os.read(apart, 1); print(stray)
else:
    os.setsid(); os.write(has_parted, b'x'); time.sleep(600)"""
    ending = await run_process(
        ProcessSpec("api", (sys.executable, "-c", f"import os, time\n{stray}")), output, 1.0
    )
    assert ending.code == 0
    pid = int(ending.last_lines[0])
    assert alive(pid), "the end was waited for until the stray had ended"
    os.kill(pid, signal.SIGKILL)


def test_the_limits_leave_a_second_of_the_fifteen_for_the_rest():
    limits = (RestartPolicy().stop_seconds, PIPE_SECONDS, VALKEY_STOP, MONGOD_STOP, _FLUSH_SECONDS)
    assert sum(limits) <= 14


# --- signals, from outside


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_process_group_reaches_parts_only_as_sigterm(supervisor, number):
    names = "[signal.SIGINT, signal.SIGTERM, signal.SIGHUP]"
    prints_its_signal = f"[signal.signal(n, lambda n, _: sys.exit(f'got {{n}}')) for n in {names}]; " + SLEEP
    process = supervisor(prints_its_signal, prints_its_signal)
    read_until(process, "| up", count=2)
    os.killpg(process.pid, number)
    rest = process.stdout.read().splitlines()
    assert process.wait(60) == 0
    assert sorted(rest) == ["part-0 | got 15", "part-1 | got 15", "stopped by a signal: True"]


def test_a_second_ctrl_c_hurries(supervisor):
    process = supervisor("signal.signal(signal.SIGTERM, lambda *_: print('no', flush=True)); " + SLEEP)
    read_until(process, "| up")
    process.send_signal(signal.SIGINT)
    read_until(process, "| no")  # two that are pending at the same time are one
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0, "it has waited until the time of the part was over"


def test_a_second_sigterm_as_make_passes_it_on_does_not_hurry(supervisor):
    ends = "print('ends', flush=True), time.sleep(0.5), sys.exit('done properly')"
    slow = f"signal.signal(signal.SIGTERM, lambda *_: ({ends})); {SLEEP}"
    process = supervisor(slow)
    read_until(process, "| up")
    process.send_signal(signal.SIGTERM)
    read_until(process, "| ends")
    process.send_signal(signal.SIGTERM)
    assert "part-0 | done properly\n" in process.stdout.read()


def test_the_sigkill_of_the_supervisor_takes_its_parts_along_even_deaf_ones(supervisor):
    prints_its_signal = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('pid', os.getpid(), flush=True); time.sleep(60)"
    )
    process = supervisor(prints_its_signal, prints_its_signal)
    lines = read_until(process, "| pid", count=2)
    process.kill()
    process.wait()
    pids = [int(line.split()[-1]) for line in lines]
    deadline = time.monotonic() + 60
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, pids))


# --- what is printed


async def test_lines_carry_the_aligned_name_of_their_part_and_no_colour_off_a_terminal(printed):
    output, text = printed
    await run_process(part("api", "print('one'); print('two', file=sys.stderr)"), output, 1.0)
    await run_process(part("worker", "print('three')"), output, 1.0)
    await until(lambda: "three" in text())
    assert text() == "api    | one\napi    | two\nworker | three\n"


def test_names_are_coloured_on_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = os.openpty()
    with ProcessOutput(["api"], theirs) as output:
        output.line("api", "hello")
    assert os.read(ours, 100) == b"\x1b[36mapi | \x1b[0mhello\r\n"
    os.close(ours)
    os.close(theirs)


async def test_odd_output_is_passed_on_in_lines_of_bounded_length(printed):
    output, text = printed
    code = r"sys.stdout.buffer.write(b'\xff\n' + 150_000 * b'x' + b'\nno end'); sys.stdout.flush()"
    ending = await run_process(part("api", code), output, 1.0)
    await until(lambda: "no end" in text())
    lines = [line.removeprefix("api    | ") for line in text().splitlines()]
    assert lines[0] == "\N{REPLACEMENT CHARACTER}"
    assert sum(line.count("x") for line in lines) == 150_000
    assert max(map(len, lines)) < 150_000
    assert ending.last_lines[-1] == "no end"


def test_an_output_that_nobody_reads_stops_neither_the_parts_nor_the_end(supervisor, tmp_path):
    proof = tmp_path / "proof"
    process = supervisor(f"print('x' * 3_000_000, flush=True); open({str(proof)!r}, 'w'); time.sleep(60)")
    deadline = time.monotonic() + 60
    while not proof.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert proof.exists()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_a_reader_that_goes_away_does_not_end_the_engine(supervisor, tmp_path):
    proof = tmp_path / "proof"
    process = supervisor(
        f"print('up', flush=True); time.sleep(0.3); print('more', flush=True); open({str(proof)!r}, 'w'); time.sleep(60)"
    )
    read_until(process, "| up")
    process.stdout.close()
    deadline = time.monotonic() + 60
    while not proof.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert proof.exists()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
