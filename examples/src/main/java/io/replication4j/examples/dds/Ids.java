package io.replication4j.examples.dds;

import io.replication4j.VersionId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads version ids. */
final class Ids implements ITypeConverter<VersionId> {

  @Override
  public VersionId convert(String value) {
    try {
      return VersionId.of(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
