package io.replication4j.lvm.testing;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/** The script that answers with digests of a device. */
final class FakeDigestScript extends FakeSendScript {

  private final String device;

  FakeDigestScript(FakeLvm host, FakeGroup group, String device) {
    super(host, group);
    this.device = device.substring("/dev/mapper/".length());
  }

  @Override
  byte[] answer(String[] words, String table) {
    int offset = Integer.parseInt(words[1]);
    int length = Integer.parseInt(words[2]);
    int step = words[0].equals("range") ? length : FakeVolume.CHUNK;
    StringBuilder lines = new StringBuilder();
    for (int at = offset; at < offset + length; at += step) {
      byte[] bytes = piece(device, at, step);
      lines.append(Hashing.sha256().hashBytes(bytes)).append("  -\n");
    }
    return lines.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
