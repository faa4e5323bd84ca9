"""Log files read as traces: `kit logs app.log`, or as a library.

    from tracing_starter_kit.log_reader.pipeline import Options, import_logs
    from tracing_starter_kit.log_reader.reading.sources import open_sources
    from tracing_starter_kit.log_reader.sending.process import ProcessWriter
    from tracing_starter_kit.log_reader.sending.file import FileSink

    writer = ProcessWriter(partial(FileSink, "traces.jsonl"))
    report = import_logs(open_sources(["app.log"]), writer, Options())

By layer, each a package: `reading` (files, lines, records) over `formats` (what a line
says), then `joining` (records of one task or request become spans), then `sending`
(OTLP to an endpoint or a file). `importing` wires the first half of it, up to families
of lines that belong together; `writing` the second, which may be another process.
Needs: opentelemetry-proto, to send.
"""
