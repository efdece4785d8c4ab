package io.replication4j.internal;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.replication4j.Bookmark;
import io.replication4j.Conflict;
import io.replication4j.FilesystemName;
import io.replication4j.Snapshot;
import io.replication4j.SyncPlan;
import io.replication4j.SyncStep;
import io.replication4j.Verification;
import io.replication4j.Version;
import io.replication4j.VersionId;
import java.util.Map;

/**
 * How the model looks in JSON, kept away from the model: a closed list of type names, and values
 * that are plain strings.
 */
final class JsonMixins {

  private JsonMixins() {}

  static Map<Class<?>, Class<?>> all() {
    return Map.of(
        FilesystemName.class, Text.class,
        VersionId.class, Text.class,
        Version.class, Versions.class,
        Conflict.class, Conflicts.class,
        SyncPlan.class, Plans.class,
        SyncStep.class, Steps.class,
        Verification.Difference.class, Differences.class);
  }

  /** A record around one string. */
  abstract static class Text {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    Text(String value) {}

    @JsonValue
    abstract String value();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Snapshot.class, name = "snapshot"),
    @JsonSubTypes.Type(value = Bookmark.class, name = "bookmark")
  })
  interface Versions {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "conflict")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Conflict.Diverged.class, name = "diverged"),
    @JsonSubTypes.Type(value = Conflict.NoCommonBase.class, name = "noCommonBase"),
    @JsonSubTypes.Type(value = Conflict.BrokenChain.class, name = "brokenChain"),
    @JsonSubTypes.Type(value = Conflict.RolesReversed.class, name = "rolesReversed"),
    @JsonSubTypes.Type(value = Conflict.TwoSources.class, name = "twoSources"),
    @JsonSubTypes.Type(value = Conflict.LineageChanged.class, name = "lineageChanged"),
    @JsonSubTypes.Type(value = Conflict.TargetOccupied.class, name = "targetOccupied")
  })
  interface Conflicts {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "plan")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = SyncPlan.UpToDate.class, name = "upToDate"),
    @JsonSubTypes.Type(value = SyncPlan.Transfer.class, name = "transfer"),
    @JsonSubTypes.Type(value = SyncPlan.Blocked.class, name = "blocked")
  })
  interface Plans {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "step")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = SyncStep.Prepare.class, name = "prepare"),
    @JsonSubTypes.Type(value = SyncStep.CreateSnapshot.class, name = "createSnapshot"),
    @JsonSubTypes.Type(value = SyncStep.RenameSnapshot.class, name = "renameSnapshot"),
    @JsonSubTypes.Type(value = SyncStep.DestroySnapshot.class, name = "destroySnapshot"),
    @JsonSubTypes.Type(value = SyncStep.Hold.class, name = "hold"),
    @JsonSubTypes.Type(value = SyncStep.Release.class, name = "release"),
    @JsonSubTypes.Type(value = SyncStep.CreateBookmark.class, name = "createBookmark"),
    @JsonSubTypes.Type(value = SyncStep.SetProperty.class, name = "setProperty"),
    @JsonSubTypes.Type(value = SyncStep.Send.class, name = "send"),
    @JsonSubTypes.Type(value = SyncStep.AbortReceive.class, name = "abortReceive"),
    @JsonSubTypes.Type(value = SyncStep.RollBack.class, name = "rollBack"),
    @JsonSubTypes.Type(value = SyncStep.KeepAside.class, name = "keepAside"),
    @JsonSubTypes.Type(value = SyncStep.CheckUnmodified.class, name = "checkUnmodified"),
    @JsonSubTypes.Type(value = SyncStep.InstallCopy.class, name = "installCopy"),
    @JsonSubTypes.Type(value = SyncStep.RenameMember.class, name = "renameMember"),
    @JsonSubTypes.Type(value = SyncStep.DestroyMember.class, name = "destroyMember"),
    @JsonSubTypes.Type(value = SyncStep.RecordState.class, name = "recordState")
  })
  interface Steps {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "difference")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Verification.Difference.Range.class, name = "range"),
    @JsonSubTypes.Type(value = Verification.Difference.Size.class, name = "size"),
    @JsonSubTypes.Type(value = Verification.Difference.Content.class, name = "content")
  })
  interface Differences {}
}
