package io.replication4j.spi;

import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import java.util.function.LongConsumer;

/** What a comparison has found, and the stream that carries it. For one stream and one thread. */
public interface DifferingBlocks {

  /**
   * Hears of bytes that differ, in whole blocks of 4 KiB but for the last of the device; ascending.
   */
  void add(long offset, long length);

  /**
   * Looks whether what is compared still lasts; called about four times a second while it is, on
   * the thread that waits for it. The default does nothing. If that thread is interrupted
   * meanwhile, it stays so.
   *
   * @param through runs what changes something on the source's host
   * @throws io.replication4j.NoSpaceException if the version to be sent is about to be lost
   */
  default void watch(CommandRunner through) {}

  /**
   * Starts the stream of all that was added: {@link StorageBackend#startSend}.
   *
   * @param length hears how many bytes it has
   */
  RunningCommand startSend(LongConsumer length) throws InterruptedException;
}
