package io.replication4j.lvm;

import io.replication4j.IncompleteTransferException;
import io.replication4j.TransferStalledException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.spi.StallWatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether a volume holds what was merged into it and nothing else, after a sync that was cut before
 * it could take the snapshot that tells. The base's snapshot has kept what was overwritten since
 * the base: by the merge, and by whoever wrote to the volume. So the stream is made again, from
 * that snapshot's list and the volume's data; it is the one that was received exactly if nobody
 * did.
 *
 * @param stallTimeout how long nothing may come from the host
 */
record Proof(LvmBackend backend, Duration stallTimeout) {

  private static final int BUFFER = 64 << 10;

  /** Whoever waits for this waits as long as for a stream. */
  static Proof by(LvmBackend backend) {
    return new Proof(backend, Duration.ofMinutes(5));
  }

  /**
   * False also if it cannot be proven: the base's snapshot is gone, or its chunks are not those of
   * the stream.
   *
   * @throws TransferStalledException if nothing came from the host for so long
   */
  boolean holds(View view, Landing landing) throws InterruptedException {
    CowGeometry geometry = StreamDigest.geometry(landing.next().digest().orElseThrow());
    Optional<LogicalVolume> base = view.newest();
    return geometry.chunkBytes() == backend.options().chunkBytes()
        && base.isPresent()
        && landing.next().digest().equals(Optional.of(digest(view, landing, base.get())));
  }

  private String digest(View view, Landing landing, LogicalVolume base)
      throws InterruptedException {
    Volume volume = view.volume();
    CowGeometry geometry = new CowGeometry(backend.options().chunkBytes());
    StreamSender again =
        new StreamSender(
            volume,
            landing.next().id(),
            view.live().orElseThrow().bytes(),
            new StoreChanges(
                Optional.of(base),
                view.live().orElseThrow().bytes(),
                List.of(),
                backend.options()));
    List<String> devices = List.of(volume.device(), base.volume().storeDevice());
    Command command = LvmCommands.send(volume, devices);
    long start = System.nanoTime();
    AtomicBoolean whole = new AtomicBoolean();
    StreamDigest digest = new StreamDigest();
    try (RunningCommand stream =
        Translation.sending(
            backend.runner().start(command),
            (host, out) -> {
              again.send(host, out, length -> {});
              whole.set(true);
            })) {
      read(volume, stream, digest);
      int status = stream.waitFor();
      if (status != 0) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        throw backend.failure(command, new CommandResult(status, "", stream.errorTail(), elapsed));
      }
    }
    if (!whole.get()) {
      throw new IncompleteTransferException(
          asked(volume) + " ended before it had read everything; run again", null);
    }
    return digest.value(geometry);
  }

  /** To its end. */
  private void read(Volume volume, RunningCommand stream, StreamDigest digest)
      throws InterruptedException {
    AtomicLong bytes = new AtomicLong();
    new StallWatch(asked(volume), stallTimeout, "run again")
        .run(() -> read(stream.stdout(), digest, bytes), bytes::get, now -> {}, stream::close);
  }

  /** Whether it came to an end; how the command ended says why it did not. */
  private static boolean read(InputStream in, StreamDigest digest, AtomicLong bytes) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(ByteBuffer.wrap(buffer, 0, n));
        bytes.addAndGet(n);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String asked(Volume volume) {
    return "the comparison of "
        + volume
        + " on "
        + backend.runner().host()
        + " with what was merged into it";
  }
}
