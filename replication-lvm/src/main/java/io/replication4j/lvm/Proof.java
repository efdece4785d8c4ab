package io.replication4j.lvm;

import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.StreamSender.BaseSnapshot;
import io.replication4j.lvm.cow.CowGeometry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Whether a volume holds what was merged into it and nothing else, after a sync that was cut before
 * it could take the snapshot that tells. The base's snapshot has kept what was overwritten since
 * the base: by the merge, and by whoever wrote to the volume. So the stream is made again, from
 * that snapshot's list and the volume's data; it is the one that was received exactly if nobody
 * did.
 */
record Proof(CommandRunner runner, LvmOptions options) {

  boolean holds(View view, Landing landing) throws InterruptedException {
    CowGeometry geometry = StreamDigest.geometry(landing.next().digest().orElseThrow());
    if (geometry.chunkBytes() != options.chunkBytes()) {
      return false; // the two lists cannot be compared: there is no proof
    }
    Optional<LogicalVolume> base = view.newest();
    return base.isPresent()
        && landing.next().digest().equals(Optional.of(digest(view, landing, base.get())));
  }

  private String digest(View view, Landing landing, LogicalVolume base)
      throws InterruptedException {
    Volume volume = view.volume();
    StreamSender again =
        new StreamSender(
            volume,
            landing.next().id(),
            view.live().orElseThrow().bytes(),
            Optional.of(new BaseSnapshot(base.volume(), base.id().orElseThrow())),
            List.of(),
            options.stopPercent());
    List<String> devices = List.of(volume.device(), base.volume().storeDevice());
    StreamDigest digest = new StreamDigest();
    try (RunningCommand host = runner.start(LvmCommands.send("r4j-" + volume.mapped(), devices))) {
      again.send(host, digest);
    } catch (IOException e) {
      throw new ConnectionLostException(
          volume + " on " + runner.host() + " could not be compared with what was received", e);
    }
    return digest.value(new CowGeometry(options.chunkBytes()));
  }
}
