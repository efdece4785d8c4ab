package io.replication4j.command.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys from files, each once; what cannot be read is noted, not fatal: another key
 * may do.
 */
final class IdentityFiles {

  private final List<Path> files;
  private final Optional<Function<Path, Optional<char[]>>> passphrases;
  private final OfferedKeys offered;
  private final Map<Path, List<KeyPair>> loaded = new ConcurrentHashMap<>();

  IdentityFiles(
      List<Path> files,
      Optional<Function<Path, Optional<char[]>>> passphrases,
      OfferedKeys offered) {
    this.files = files;
    this.passphrases = passphrases;
    this.offered = offered;
  }

  /** All keys that can be read, in the order of the files. */
  List<KeyPair> load() {
    List<KeyPair> keys = new ArrayList<>();
    for (Path file : files) {
      List<KeyPair> pairs = loaded.getOrDefault(file, List.of());
      if (pairs.isEmpty()) {
        pairs = read(file);
        loaded.put(file, pairs);
      }
      pairs.forEach(pair -> offered.origin(pair, file.toString()));
      keys.addAll(pairs);
    }
    return keys;
  }

  private List<KeyPair> read(Path file) {
    Question question = new Question(file);
    try (InputStream in = Files.newInputStream(file)) {
      Iterable<KeyPair> pairs =
          SecurityUtils.loadKeyPairIdentities(null, new PathResource(file), in, question);
      List<KeyPair> keys = new ArrayList<>();
      if (pairs != null) {
        pairs.forEach(keys::add);
      }
      return keys;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      offered.note(file + " was not used: " + question.reason(e));
      return List.of();
    }
  }

  /** Asks for the passphrase of one file, and remembers how that went. */
  private final class Question implements FilePasswordProvider {

    private final Path file;
    private boolean asked;
    private boolean answered;

    Question(Path file) {
      this.file = file;
    }

    @Override
    public @Nullable String getPassword(
        org.apache.sshd.common.session.@Nullable SessionContext session,
        org.apache.sshd.common.NamedResource resource,
        int retry) {
      asked = true;
      Optional<char[]> answer = passphrases.flatMap(source -> source.apply(file));
      answered = answer.isPresent();
      return answer.map(Question::toText).orElse(null);
    }

    private static String toText(char[] passphrase) {
      String text = new String(passphrase);
      Arrays.fill(passphrase, '\0');
      return text;
    }

    String reason(Exception e) {
      if (!Files.exists(file)) {
        return "there is no such file";
      }
      if (asked) {
        return answered
            ? "it is encrypted, and the passphrase is wrong"
            : "it is encrypted, and no passphrase was given";
      }
      return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
  }
}
