package io.replication4j.spi;

import io.replication4j.command.RunningCommand;

/** What a comparison has found, and the stream that carries it. For one stream and one thread. */
public interface DifferingBlocks {

  /**
   * Hears of bytes that differ, in whole blocks of 4 KiB but for the last of the device; ascending.
   */
  void add(long offset, long length);

  /** Starts the stream of all that was added: {@link StorageBackend#startSend}. */
  RunningCommand startSend() throws InterruptedException;
}
