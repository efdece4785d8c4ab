package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.command.RunningCommand;
import io.replication4j.lvm.cow.ByteSource;
import io.replication4j.lvm.cow.ChunkSet;
import io.replication4j.lvm.cow.CowGeometry;
import io.replication4j.lvm.cow.CowWriter;
import io.replication4j.lvm.cow.StreamIdentity;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/**
 * Makes the stream of one version: the list of changed chunks, and their data from the new
 * snapshot, which was taken before the list is read.
 *
 * @param snapshot what is sent
 * @param length how many bytes it has
 */
record StreamSender(Volume snapshot, VersionId id, long length, Changes changes) {

  void send(RunningCommand host, WritableByteChannel out) throws IOException {
    SourceDevices devices = new SourceDevices(host.stdout(), host.stdin());
    CowGeometry geometry = changes.geometry(devices);
    ChunkSet chunks = changes.chunks(devices, geometry);
    StreamIdentity identity =
        new StreamIdentity(changes.base(), Optional.of(id), length, chunks.size());
    ByteSource data =
        devices.chunks(
            snapshot.device(), geometry, chunks.ranges(), length, () -> changes.watch(devices));
    CowWriter.write(geometry, identity, chunks, data, out);
  }
}
