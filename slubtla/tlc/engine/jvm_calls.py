"""Call TLC and the PlusCal translator inside a JVM that JPype holds.

JPype keeps the class of every object that it has seen, and with it the class loader and all
statics. So the calls are composed of method handles inside Java, and only numbers and classes of
Java itself come into Python.
"""

# ruff: noqa: ANN401  # what comes from Java has no type here

from __future__ import annotations

import contextlib
import os
from typing import Any

import jpype
from jpype import JArray, JBoolean, JClass, JInt, JProxy


class _Work:
    """A ``Runnable`` that calls a method handle, which takes the arguments to the exit code."""

    def __init__(self, handle: Any, args: Any, err: Any) -> None:
        self._handle, self._args, self._err = handle, args, err
        self.code = 1

    def forget(self) -> None:
        """Drop the Java objects: the proxy of this object lives until some later collection."""
        self._handle = self._args = self._err = None

    def run(self) -> None:
        """Run it; report an exception as the java program does."""
        try:
            self.code = int(self._handle.invokeWithArguments([self._args]))
        except jpype.JException as error:
            self._err.print_('Exception in thread "main" ')
            error.printStackTrace(self._err)


def run_main(loader: Any, main: str, args: list[str], err: Any) -> int:
    """Run in a thread made by Java, whose stack is as large as ``-Xss`` says."""
    try:
        handle = _handle(loader, main)
    except jpype.JException as error:  # what the java program says then, and its exit code
        err.print_(f"Error: Unable to initialize main class {main}\nCaused by: {error}\n")
        return 1
    work = _Work(handle, JArray(JClass("java.lang.String"))(args), err)
    runnable = JProxy("java.lang.Runnable", inst=work)
    thread = JClass("java.lang.Thread")(None, runnable, "main", 0)
    thread.setContextClassLoader(loader)
    thread.start()
    thread.join()
    work.forget()
    return work.code


def _handle(loader: Any, main: str) -> Any:
    try:
        return {"tlc2.TLC": _tlc, "pcal.trans": _pcal}[main](loader)
    except (KeyError, jpype.JException):  # another program; or a jar that differs inside
        return _main(loader, main)


def _tlc(loader: Any) -> Any:
    """What ``tlc2.TLC.main`` does, but for the exit and for the mail: ``String[]`` to exit code.

    Source: ``tlc2.TLC.main`` and ``tlc2.output.EC.ExitStatus`` in the jar of TLC 2.15. Where a jar
    lacks one of these methods, its ``main`` is called, and exits.
    """
    handles, lookup = JClass("java.lang.invoke.MethodHandles"), _lookup()
    tlc = _class(loader, "tlc2.TLC")
    strings = _class(loader, "[Ljava.lang.String;")
    filenames = _class(loader, "util.FilenameToStream")
    resolver = lookup.unreflectConstructor(
        _class(loader, "util.SimpleFilenameToStream").getConstructor()
    )
    status = _class(loader, "tlc2.output.EC$ExitStatus")
    refused = handles.dropArguments(handles.constant(JInt.class_, JInt(1)), 0, tlc)

    search = handles.filterReturnValue(
        _method(tlc, "process"), _method(status, "errorConstantToExitStatus", JInt.class_)
    )
    as_filenames = resolver.asType(resolver.type().changeReturnType(filenames))
    resolve = handles.collectArguments(_method(tlc, "setResolver", filenames), 1, as_filenames)
    search = handles.foldArguments(search, resolve)
    search = handles.guardWithTest(_method(tlc, "checkEnvironment"), search, refused)
    whole = handles.guardWithTest(
        _method(tlc, "handleParameters", strings),
        handles.dropArguments(search, 1, strings),
        handles.dropArguments(refused, 1, strings),
    )
    return handles.foldArguments(whole, lookup.unreflectConstructor(tlc.getConstructor()))


def _pcal(loader: Any) -> Any:
    """The translator, as a tool, which returns its status instead of exiting with it.

    Source: ``runMe`` and ``exitWithStatus`` of ``pcal/trans.java``; ``util/ToolIO.java``.
    """
    tool_io = _class(loader, "util.ToolIO")
    tool = tool_io.getField("TOOL").getInt(None)
    tool_io.getMethod("setMode", JInt.class_).invoke(None, [JInt(tool)])
    system = JClass("java.lang.System")
    tool_io.getField("out").set(None, system.out)
    tool_io.getField("err").set(None, system.err)
    strings = _class(loader, "[Ljava.lang.String;")
    return _method(_class(loader, "pcal.trans"), "runMe", strings)


def _main(loader: Any, name: str) -> Any:
    """Any other class: its ``main``; 0 when that returns."""
    handles = JClass("java.lang.invoke.MethodHandles")
    strings = _class(loader, "[Ljava.lang.String;")
    main = _method(_class(loader, name), "main", strings)
    return handles.filterReturnValue(main, handles.constant(JInt.class_, JInt(0)))


def _lookup() -> Any:
    return JClass("java.lang.invoke.MethodHandles").publicLookup()


def _method(owner: Any, name: str, *kinds: Any) -> Any:
    """The handle of a method, whether it and its class are public or not."""
    method = owner.getDeclaredMethod(name, *kinds)
    method.setAccessible(True)
    return _lookup().unreflect(method)


def _class(loader: Any, name: str) -> Any:
    """A ``java.lang.Class`` as a value; never a JPype class, which would stay."""
    return JClass("java.lang.Class").forName(name, False, loader)


def new_loader(classpath: str) -> Any:
    """A class loader for one run: what it loads is new, and shares nothing but Java itself."""
    file = JClass("java.io.File")
    urls = [file(path).toURI().toURL() for path in classpath.split(os.pathsep)]
    parent = JClass("java.lang.ClassLoader").getPlatformClassLoader()
    return JClass("java.net.URLClassLoader")(JArray(JClass("java.net.URL"))(urls), parent)


def print_stream(fd: int) -> Any:
    """A ``PrintStream`` on a descriptor, as Java's own: it flushes each line."""
    file = JClass("java.io.FileOutputStream")(f"/dev/fd/{fd}", True)
    buffered = JClass("java.io.BufferedOutputStream")(file, 8192)
    return JClass("java.io.PrintStream")(buffered, True, "UTF-8")


def nowhere() -> Any:
    """A ``PrintStream`` that drops what is printed after a run."""
    return JClass("java.io.PrintStream")(JClass("java.io.OutputStream").nullOutputStream())


def forget_remotes() -> None:
    """Take TLC's fingerprint set from RMI, which would keep the run's classes for ever.

    ``tlc2.tool.fp.FPSet`` exports itself when it is made, and nothing undoes that.
    """
    with contextlib.suppress(jpype.JException):  # a Java without RMI, or with another inside
        table = _class(None, "sun.rmi.transport.ObjectTable").getDeclaredField("objTable")
        table.setAccessible(True)
        remote, server = _class(None, "java.rmi.Remote"), "java.rmi.server.UnicastRemoteObject"
        unexport = _method(_class(None, server), "unexportObject", remote, JBoolean.class_)
        impl = _method(_class(None, "sun.rmi.transport.Target"), "getImpl")
        handle = JClass("java.lang.invoke.MethodHandles").filterArguments(unexport, 0, impl)
        for target in list(table.get(None).values()):
            with contextlib.suppress(jpype.JException):
                handle.invokeWithArguments([target, JBoolean(True)])
