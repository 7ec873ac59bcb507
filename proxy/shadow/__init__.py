"""The native side runs aside what the legacy side has answered, and both answers are compared.

    worker      tap        is this one of the sample, and is there credit?   else it costs a look
                channel    the capture to the shadow process, without waiting
    ─────────────────────────────────────────────────────────────────────────────────────────────
    shadow      door       captures come in, credit goes out
    process     tide       the native rows are those that the legacy side had, or it is let be
                candidate  the native application answers, and nothing it does lasts
                control    the legacy side is asked again, where that may explain a difference
                verdict    what of it is the candidate's fault
                store      tallies, to the native database, once a second

The process is the least of all: nothing waits for it, and it gets what time is left over.
"""
