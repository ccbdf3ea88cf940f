package dev.noether.cli;

/** A command that runs without LibTorch, so that nothing has to be fetched for it. */
public interface PureJava {}
