// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class NoEffectTest {
    record Training(
            @Default("4") int checkpointInterval,
            @NoEffect(use = "checkpoint_interval") @Default("null") Integer ckptEvery,
            @NoEffect @Default("null") String note) {}

    private final Logger logger = (Logger) LoggerFactory.getLogger(Config.class);
    private final ListAppender<ILoggingEvent> heard = new ListAppender<>();

    @BeforeEach
    void listen() {
        heard.start();
        logger.addAppender(heard);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(heard);
    }

    private List<String> messages() {
        return heard.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void aKeyThatNothingReadsIsWarnedAboutOnce() {
        Config config = Config.parse("training: {ckpt_every: 5000,\n note: x}", "warned.yaml");
        assertEquals(4, config.bind("training", Training.class).checkpointInterval());
        config.bind("training", Training.class);
        assertEquals(
                List.of(
                        "warned.yaml:1: training.ckpt_every: has no effect; use checkpoint_interval",
                        "warned.yaml:2: training.note: has no effect"),
                messages());
    }

    @Test
    void anAbsentOrEmptyOneIsNot() {
        Config.parse("{ckpt_every: null}", "quiet.yaml").bind("", Training.class);
        assertEquals(List.of(), messages());
    }
}
