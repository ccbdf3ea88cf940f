package dev.noether.train;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** All that a trainer was told. */
record TrainingSettings(
    OptionalInt epochs,
    OptionalLong steps,
    Optional<Duration> time,
    int batchSize,
    long seed,
    int validateEvery,
    int accumulate,
    OptionalDouble clipNorm,
    OptionalDouble clipValue,
    OptionalDouble averaging,
    OptionalInt patience,
    Optional<Plateau> plateau,
    int prefetch,
    OptionalInt overfitBatches,
    Schedule schedule,
    Optional<Augmentation> augmentation,
    List<Callback> callbacks,
    Optional<Path> resume,
    boolean fast,
    Ranks ranks) {}
