// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.solver.OdeMethod;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.sample.TinyProject;
import ai.dsr.testkit.LeakCheck;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class ClassToImageTest {
    private static final SamplerConfig SAMPLER = SamplerConfig.ode(OdeMethod.EULER, 3);

    @TempDir
    private Path root;

    private ClassToImage pipeline;

    @BeforeEach
    void load() {
        pipeline = ClassToImage.load(TinyProject.write(root));
    }

    @AfterEach
    void close() {
        pipeline.close();
    }

    private List<RgbImage> draw(SampleRequest request, double guidance) {
        return pipeline.generate(request, SAMPLER, GuidanceConfig.of(GuidanceMethod.CFG, guidance), Progress.silent());
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        SampleRequest request = SampleRequest.of(0, 2, 7);
        List<RgbImage> images = pipeline.generate(request);
        assertEquals(2, images.size());
        assertEquals(28, images.get(0).width());
        assertEquals(images, pipeline.generate(request));
        assertNotEquals(images, pipeline.generate(SampleRequest.of(0, 2, 8)));
        assertNotEquals(images.get(0), images.get(1));
    }

    @Test
    void anImageDependsOnItsNumberButNotOnHowManyAreAskedFor() {
        List<RgbImage> many = draw(SampleRequest.of(1, 18, 3), 2); // three chunks
        assertEquals(many.subList(0, 1), draw(SampleRequest.of(1, 1, 3), 2));
        assertEquals(many.subList(0, 17), draw(SampleRequest.of(1, 17, 3), 2));
        SampleRequest mixed = new SampleRequest(new int[] {0, 1, 0}, 3);
        assertEquals(many.get(1), draw(mixed, 2).get(1));
    }

    @Test
    void guidanceOfScaleOneIsNone() {
        SampleRequest request = SampleRequest.of(1, 2, 3);
        List<RgbImage> plain = pipeline.generate(request, SAMPLER, GuidanceConfig.OFF, Progress.silent());
        assertEquals(plain, draw(request, 1));
        assertNotEquals(plain, draw(request, 4));
        assertNotEquals(plain, draw(SampleRequest.of(0, 2, 3), 1));
    }

    @Test
    void aLabelOutsideTheClassesIsRefused() {
        for (int label : new int[] {2, -1}) {
            IllegalArgumentException error = assertThrows(
                    IllegalArgumentException.class, () -> pipeline.generate(SampleRequest.of(label, 1, 0)));
            assertEquals("class: expected a label of 0 to 1, got " + label, error.getMessage());
        }
    }

    @Test
    void workIsChunksTimesSolverSteps() {
        assertEquals(2, ClassToImage.work(1, SAMPLER));
        assertEquals(2, ClassToImage.work(8, SAMPLER));
        assertEquals(4, ClassToImage.work(9, SAMPLER));
    }
}
