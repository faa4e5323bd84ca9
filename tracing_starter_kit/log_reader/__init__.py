"""Read log files as traces: `kit logs app.log`, or as a library.

    from tracing_starter_kit.log_reader.pipeline import Options, import_logs
    from tracing_starter_kit.log_reader.reading.sources import open_sources
    from tracing_starter_kit.log_reader.sending.process import ProcessWriter
    from tracing_starter_kit.log_reader.sending.file import FileSink

    writer = ProcessWriter(partial(FileSink, "traces.jsonl"))
    report = import_logs(open_sources(["app.log"]), writer, Options())

Each layer is a package: `reading` (files, lines, records) uses `formats` (the parsers
of a line), `joining` turns the records of a task or request into spans, `sending`
writes OTLP to an endpoint or a file. `pipeline` connects them, up to the joined
records; `sending/writer` does the other half, perhaps in a second process.
Needs: opentelemetry-proto, to send.
"""
