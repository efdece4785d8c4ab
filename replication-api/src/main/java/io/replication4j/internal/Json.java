package io.replication4j.internal;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * JSON in and out, strictly: an unknown, missing, doubled or null field, another type, an unknown
 * type name, or anything after the end is refused. Types are named from a closed list; no class is
 * ever loaded by a name that was read. Thread-safe.
 */
public final class Json {

  /** The longest text that is read, in characters. */
  public static final int LONGEST = 16 << 20;

  private static final int DEEPEST = 32;

  private static final JsonMapper MAPPER = mapper();

  private Json() {}

  private static JsonMapper mapper() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxDocumentLength(LONGEST)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();
    JsonMapper.Builder builder =
        JsonMapper.builder(factory)
            .enable(
                DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(
                EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .changeDefaultVisibility(checker -> checker.withIsGetterVisibility(Visibility.NONE))
            .withCoercionConfig(LogicalType.Textual, Json::onlyTexts)
            .addModule(times());
    JsonMixins.all().forEach(builder::addMixIn);
    return builder.build();
  }

  private static void onlyTexts(MutableCoercionConfig texts) {
    for (CoercionInputShape other :
        List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
      texts.setCoercion(other, CoercionAction.Fail);
    }
  }

  /** Instants and durations as ISO-8601 texts, and as nothing else. */
  private static SimpleModule times() {
    return new SimpleModule("times")
        .addDeserializer(Instant.class, new TextDeserializer<>(Instant::parse))
        .addDeserializer(Duration.class, new TextDeserializer<>(Duration::parse));
  }

  /** One line of ASCII. */
  public static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /**
   * Reads a value of that type.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what and where,
   *     in one line
   */
  public static <T> T read(String text, Class<T> type) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "longer than " + LONGEST + " characters: " + text.length());
    }
    try {
      T value = MAPPER.readValue(text, type);
      if (value == null) {
        throw new IllegalArgumentException("null where a " + type.getSimpleName() + " should be");
      }
      return value;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "not the JSON of a "
              + type.getSimpleName()
              + ": "
              + firstLine(e.getOriginalMessage())
              + " at "
              + e.getPathReference(),
          e);
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
  }

  /** Reads a value from a JSON string only. */
  private static final class TextDeserializer<T> extends ValueDeserializer<T> {

    private final Function<String, T> parse;

    TextDeserializer(Function<String, T> parse) {
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        return context.reportInputMismatch(this, "expected a text, got %s", parser.currentToken());
      }
      try {
        return parse.apply(parser.getString());
      } catch (DateTimeParseException e) {
        return context.reportInputMismatch(this, "not a time: %s", parser.getString());
      }
    }
  }
}
