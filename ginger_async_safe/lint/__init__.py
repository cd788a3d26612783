"""The check: it finds blocking calls that async code reaches, from source alone, without running it.

**Entry points.** Evaluation begins at every async function, at methods and decorated functions that the event loop or a
framework calls on it (``source/hooks.py``), and at sync functions that start either (``source/entry_points.py``).

**Evaluation for the values at hand.** ``interpreter/`` executes a function's statements on abstract values
(``domain/values.py``): what each argument, name and attribute may be, as far as the source shows. A call of a function of
the project is evaluated with the values of its arguments; so ``run(sleep)`` and ``run(log)`` give different results. What
cannot be resolved is unknown, and nothing is reported about it.

**Outside code.** Tables say which calls block and what calls return (``knowledge/``), functions say what calls of builtins,
event loops and thread pools do with their arguments (``overlays/``), and what the ORM does (``django/``). The source of other
outside code is read only with ``--dependencies`` (``dependencies/``): an interpreter of its own evaluates what the project
calls of an installed package, with unknown arguments, and follows whether every execution path makes a blocking call
(``Frame.certainty``). Such summaries are kept for each version of a package.

**Events and findings.** A blocking call is an event of the frame that makes it (``domain/frames.py``). A function's result
carries its events to its callers, each of which adds a step to the call chain. In the frame of an async function, an event
becomes a finding. What runs in a thread has a detached frame, whose events are dropped; what runs later, such as a
generator's body, keeps its events until it is consumed.

**Abstract methods.** The call of an abstract method is an event that names the method. Where it reaches an async function, the
blocking calls of all implementations replace it (``interpreter/abstract_calls.py``, ``implementers.py``).

**Memo and dependencies.** The result for a function, its arguments and its receiver is computed once
(``interpreter/functions.py``) and kept (``interpreter/results.py``); so is what is found out about the names, classes and
models of the program (``interpreter/program.py``, mostly in memos of ``interpreter/memo.py``). Recursion returns an empty
result, as does a function that is inside itself several times for other arguments; results that depend on such a call are
provisional until the innermost evaluation that they depend on is done (``interpreter/recursion.py``). What is found out about
names and attributes meanwhile is kept longer: until the outermost one is done, or for good where finding it out again would
cost more than it shows (``RecursiveMemo``). Every result has the modules that it depends on, as bits of an integer: so the
cache (``check/cache.py``) keeps the findings of a file until it or one of these modules changes.

**Containers.** A container is often empty where it is made, and filled elsewhere. The lines that may do so are known of each file
(``source/fills.py``); where such a container is read, the functions around them are evaluated for what they put in
(``interpreter/fills.py``).

**Limits.** Evaluation for values can explode. ``interpreter/recursion.py`` limits the depth of calls and how often a function
is inside itself, and ``interpreter/budget.py`` the number of functions evaluated for one entry point and for one module. Entry
points that are cut short are reported (``Cut``). The classes that implement an abstract one are limited in ``implementers.py``,
and those left out are counted; containers that too many functions fill are unknown (``interpreter/fills.py``). Packages have
limits of their own (``dependencies/reading.py``, ``source/installed.py``).

**Files.** ``check/reading.py`` reads all of the project, whatever is named (``source/files.py``); what is reported is what begins
in a file that is. A notebook is read as one module, its cells below one another (``source/notebooks.py``).

**Order.** ``check/engine.py`` has the files read and parsed, notes which caches calls at import fill
(``interpreter/import_calls.py``), evaluates what modules register at import (registries are filled by other modules), then
analyses each module. ``report/`` applies suppressions, settings and the baseline to the findings, and
formats the verdict. Imports go from later rooms to earlier ones only: source, domain, knowledge, interpreter, overlays and
django, dependencies, report, check. Where a lower room needs a higher one, the engine passes it in (``interpreter.Handlers``).
"""
