package io.replication4j.command.ssh;

import java.security.KeyPair;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.client.auth.pubkey.PublicKeyAuthenticationReporter;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.KeyUtils;

/**
 * Remembers which keys a server was offered, by fingerprint and origin, for the message when it
 * took none.
 */
final class OfferedKeys implements PublicKeyAuthenticationReporter {

  private final Map<String, String> origins = new ConcurrentHashMap<>();
  private final Set<String> offered = new LinkedHashSet<>();
  private final Set<String> notes = new LinkedHashSet<>();

  /** Starts over, for another attempt. */
  synchronized void clear() {
    offered.clear();
    notes.clear();
  }

  void origin(KeyPair key, String origin) {
    origins.put(KeyUtils.getFingerPrint(key.getPublic()), origin);
  }

  synchronized void note(String note) {
    notes.add(note);
  }

  @Override
  public synchronized void signalAuthenticationAttempt(
      ClientSession session, String service, KeyPair identity, String signature) {
    String fingerprint = KeyUtils.getFingerPrint(identity.getPublic());
    String origin = origins.getOrDefault(fingerprint, "the agent");
    offered.add(KeyUtils.getKeyType(identity.getPublic()) + " " + fingerprint + " from " + origin);
  }

  /** The keys that were offered, then what kept others from being offered. */
  synchronized String describe() {
    List<String> parts = new ArrayList<>();
    parts.add(
        offered.isEmpty() ? "no key was offered" : "offered were " + String.join(", ", offered));
    parts.addAll(notes);
    return String.join("; ", parts);
  }
}
