"""A company's own pipeline: counts the lines of a text file and finds the longest one."""

from etl_monitor.pipeline import base

CHUNK = 10_000


def measure(job: base.PipelineJob, report: base.Report, cancelled: base.Cancelled) -> None:
    lines = job.source.read_text("utf-8").splitlines()
    if not lines:
        raise base.PipelineError("empty_file", "The file has no lines. Send a text file.")
    longest = 0
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        longest = max(longest, *map(len, chunk))
        report(start + len(chunk), len(lines))
        if cancelled():
            return
    (job.work_dir / "measured").write_text(f"{len(lines)} {longest}")


def publish(job: base.PipelineJob, report: base.Report, cancelled: base.Cancelled) -> base.Outcome:
    count, longest = (job.work_dir / "measured").read_text().split()
    text = {"ko": f"{count}줄, 가장 긴 줄 {longest}자", "en": f"{count} lines, longest {longest}"}
    report.log(f"{job.title}: {text['en']}")
    documents = [base.Document(type="lines", summary=text, content=text)]
    return base.Outcome(respondents=int(count), documents=documents)


STEPS = (base.Step(name="measure", run=measure, weight=9), base.Step(name="publish", run=publish))
PIPELINE = base.Pipeline(name="lines", steps=STEPS)
