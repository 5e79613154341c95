// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.HeldOutPairs;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Sample;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.sample.TinyProject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrievalTest {
    private static final int OBJECTS = 20;
    private static final List<String> STYLES = List.of("noto", "twemoji");

    /** Random pictures: 20 objects of 4 groups in two styles. */
    private static final ImageDataset DATA = new ImageDataset() {
        @Override
        public String name() {
            return "test";
        }

        @Override
        public int size() {
            return OBJECTS * STYLES.size();
        }

        @Override
        public String id(int index) {
            return STYLES.get(index % 2) + "/object-" + index / 2;
        }

        @Override
        public String splitKey(int index) {
            return "object-" + index / 2;
        }

        @Override
        public Sample get(int index) {
            return new Sample(id(index), TinyProject.image(index), label(index), id(index));
        }

        @Override
        public int label(int index) {
            return index / 2 % 4;
        }

        @Override
        public List<String> classNames() {
            return List.of("a", "b", "c", "d");
        }

        @Override
        public String fingerprint() {
            return "test";
        }
    };

    @TempDir
    private Path root;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = Torch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Retrieval retrieval(HeldOutPairs pairs) {
        return new Retrieval(DATA, pairs, EncoderCatalog.open(TinyProject.writeEncoder(root, 1), manager), 28, manager);
    }

    private static Retrieval.Pictures originals(int... samples) {
        List<RgbImage> images =
                Arrays.stream(samples).mapToObj(i -> DATA.get(i).image()).toList();
        return new Retrieval.Pictures(Arrays.stream(samples).boxed().toList(), images);
    }

    private static Retrieval.Score scoreOfOriginals(Retrieval retrieval, int[] samples) {
        return retrieval.score(List.of(originals(samples)), Progress.silent()).get(0);
    }

    @Test
    void eachSetHasTheScoreThatItHasAlone() {
        HeldOutPairs pairs = HeldOutPairs.of(DATA, 0.6);
        Retrieval retrieval = retrieval(pairs);
        int[] seen = retrieval.seen(5, 1);
        int[] heldOut = retrieval.heldOut(3, 1);
        assertEquals(
                List.of(scoreOfOriginals(retrieval, seen), scoreOfOriginals(retrieval, heldOut)),
                retrieval.score(List.of(originals(seen), originals(heldOut)), Progress.silent()));
    }

    @Test
    void trainingImagesFindThemselvesAndChanceIsTheShareOfTheTrainingSet() {
        Retrieval retrieval = retrieval(HeldOutPairs.of(DATA, 0));
        int[] samples = retrieval.seen(8, 1);
        assertEquals(8, Arrays.stream(samples).distinct().count());
        assertArrayEquals(samples, retrieval.seen(8, 1));
        assertFalse(Arrays.equals(samples, retrieval.seen(8, 2)));
        Retrieval.Score score = scoreOfOriginals(retrieval, samples);
        assertEquals(1, score.object().share());
        assertEquals(1, score.group().share());
        assertEquals(1, score.style().share());
        int train = retrieval.seen(1000, 0).length;
        assertEquals(2.0 / train, score.object().chance(), 1e-9);
        assertEquals(0.5, score.style().chance(), 1e-9);
        assertTrue(score.group().chance() > 0.1 && score.group().chance() < 0.5);
        assertEquals(0, retrieval.heldOut(4, 0).length);
    }

    @Test
    void picturesOfHeldOutPairsAreComparedWithOtherDrawingsOnly() {
        HeldOutPairs pairs = HeldOutPairs.of(DATA, 0.6);
        Retrieval retrieval = retrieval(pairs);
        int[] samples = retrieval.heldOut(3, 1);
        assertEquals(3, samples.length);
        for (int sample : samples) {
            assertTrue(pairs.includes(sample));
        }
        Retrieval.Score score = scoreOfOriginals(retrieval, samples);
        assertTrue(score.object().share() < 1, "its own picture is not among the training images");
        assertTrue(score.object().chance() > 0, "the object is there in another style");
    }

    @Test
    void picturesAndSamplesMustBeAsMany() {
        assertEquals(
                "pictures: expected one for each of 1 or more samples, got 1",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Retrieval.Pictures(List.of(), List.of(TinyProject.image(0))))
                        .getMessage());
    }
}
