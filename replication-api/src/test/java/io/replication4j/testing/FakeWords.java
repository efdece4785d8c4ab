package io.replication4j.testing;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep;
import io.replication4j.SyncStep.AbortReceive;
import io.replication4j.SyncStep.CheckUnmodified;
import io.replication4j.SyncStep.CreateBookmark;
import io.replication4j.SyncStep.CreateSnapshot;
import io.replication4j.SyncStep.DestroyMember;
import io.replication4j.SyncStep.DestroySnapshot;
import io.replication4j.SyncStep.Hold;
import io.replication4j.SyncStep.InstallCopy;
import io.replication4j.SyncStep.KeepAside;
import io.replication4j.SyncStep.Prepare;
import io.replication4j.SyncStep.Release;
import io.replication4j.SyncStep.RenameMember;
import io.replication4j.SyncStep.RenameSnapshot;
import io.replication4j.SyncStep.RollBack;
import io.replication4j.SyncStep.SetProperty;
import io.replication4j.command.Command;
import io.replication4j.spi.BackendFeatures;
import java.util.ArrayList;
import java.util.List;

/** Steps as fake commands. */
record FakeWords(FilesystemName root, BackendFeatures features) {

  Command command(SyncStep step) {
    if (step instanceof Prepare) {
      return words("prepare");
    }
    if (step instanceof CreateSnapshot s) {
      return words("snapshot", s.members(), s.name(), flag(s.recursive()));
    }
    if (step instanceof RenameSnapshot s) {
      return words("rename", s.members(), s.from(), s.to(), flag(s.recursive()));
    }
    if (step instanceof DestroySnapshot s) {
      return words("destroy", s.members(), s.name(), flag(s.recursive()));
    }
    if (step instanceof AbortReceive s) {
      return words("abort", s.members());
    }
    if (step instanceof RollBack s) {
      return words("rollback", FakeSpec.dot(s.member()), s.to());
    }
    if (step instanceof KeepAside s) {
      String member = FakeSpec.dot(s.member());
      return s.base()
          .map(base -> words("aside", member, s.asideName(), base.name()))
          .orElseGet(() -> words("aside", member, s.asideName()));
    }
    return features.separateCopies() ? subvolumes(step) : datasets(step);
  }

  private Command subvolumes(SyncStep step) {
    if (step instanceof CheckUnmodified s) {
      return words("check", s.members(), s.name(), s.asideName().orElse("-"));
    }
    if (step instanceof InstallCopy s) {
      String replaces = s.discards() ? FakeSubvolumes.WHATEVER : s.replaces().orElse("-");
      return words("install", s.members(), s.name(), replaces);
    }
    throw FakeStorage.unsupported(step);
  }

  private Command datasets(SyncStep step) {
    if (step instanceof Hold s) {
      return words("hold", s.members(), s.name(), s.tag(), flag(s.recursive()));
    }
    if (step instanceof Release s) {
      return words("release", s.members(), s.name(), s.tag(), flag(s.recursive()));
    }
    if (step instanceof CreateBookmark s) {
      return words("bookmark", FakeSpec.dot(s.member()), s.snapshot(), s.bookmark());
    }
    if (step instanceof SetProperty s) {
      return words("set", FakeSpec.dot(s.member()), s.property(), s.value());
    }
    if (step instanceof RenameMember s) {
      return words("rename-member", s.from(), s.to());
    }
    if (step instanceof DestroyMember s) {
      return words("destroy-member", s.member());
    }
    throw FakeStorage.unsupported(step);
  }

  private static String flag(boolean recursive) {
    return recursive ? "-r" : "-";
  }

  private Command words(String verb, String... words) {
    return words(verb, List.of(), words);
  }

  private Command words(String verb, List<String> members, String... words) {
    List<String> all = new ArrayList<>(List.of("fake", verb, root.value()));
    all.addAll(List.of(words));
    members.stream().map(FakeSpec::dot).forEach(all::add);
    return Command.of(all);
  }
}
