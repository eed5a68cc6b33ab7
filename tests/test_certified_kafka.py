"""
The library's own tests, unmodified, on the recorders of the Kafka log.

Three times: with kafka-python, with librdkafka, and with every read done through a recorder
freshly opened on the topic.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final
from unittest import TestCase

import pytest
from certified_anew import AggregateAnew, CountingViewAnew, RecorderAnew, TrackingAnew
from certified_views import CountingView
from eventsourcing.persistence import AggregateRecorder, InfrastructureFactory
from eventsourcing.tests import application, persistence, projection
from eventsourcing.utils import Environment, get_topic

from eventlog.clients import ClientName, open_client
from eventlog.kafka import Factory, KafkaLog
from eventlog.recorders import LogAggregateRecorder, LogRecorder, LogTrackingRecorder
from eventlog.topics import create_topics

MODULE: Final = "eventlog.kafka"
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")  # one test asks for one


class OnKafkaLog(TestCase):
    """Gives each test topics of its own."""

    client: ClassVar[ClientName] = "kafka-python"
    bootstrap: str

    @pytest.fixture(autouse=True)
    def broker(self, kafka_bootstrap: str) -> None:
        """Take the broker of this run."""
        self.bootstrap = kafka_bootstrap

    def setUp(self) -> None:
        """Name a log that is not there yet."""
        self.prepare()
        super().setUp()

    def prepare(self) -> None:
        """Name a log that is not there yet in an environment."""
        self.name = f"certified-{uuid.uuid4().hex[:12]}"
        self.settings = Environment(
            "Test",
            {
                "PERSISTENCE_MODULE": MODULE,
                "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
                "EVENTLOG_NAME": self.name,
                "EVENTLOG_CLIENT": self.client,
                "EVENTLOG_REPLICATION_FACTOR": "1",
                "EVENTLOG_MIN_INSYNC_REPLICAS": "1",
            },
        )

    def new_factory(self) -> Factory:
        """Open the log's factory."""
        factory = InfrastructureFactory.construct(self.settings)
        assert isinstance(factory, Factory)
        self.addCleanup(factory.close)
        return factory


class WithLibrdkafka(OnKafkaLog):
    """The same with the other client."""

    client = "librdkafka"


class TestAggregateRecorder(OnKafkaLog, persistence.AggregateRecorderTestCase):
    """The library's tests of an aggregate recorder."""

    def create_recorder(self) -> AggregateRecorder:
        """Open the recorder of snapshots."""
        return self.new_factory().aggregate_recorder("snapshots")


class AdmissionsRecorder(OnKafkaLog):
    """Opens the recorder as admission does."""

    def create_recorder(self) -> LogRecorder:
        """Open the log's one writer."""
        create_topics(self.bootstrap, self.name, replication_factor=1, min_insync_replicas=1)
        client = open_client(self.bootstrap, client=self.client)
        log = KafkaLog(client, self.name)
        self.addCleanup(log.close)
        return self.enterContext(log.writer())


class TestApplicationRecorder(
    AdmissionsRecorder, persistence.ApplicationRecorderTestCase[LogRecorder]
):
    """The library's tests of an application recorder, on the recorder of admission."""

    def test_insert_subscribe(self) -> None:
        """The optional test of subscriptions holds."""
        self.optional_test_insert_subscribe()


class TestProcessRecorder(AdmissionsRecorder, persistence.ProcessRecorderTestCase):
    """The library's tests of a process recorder, on the recorder of admission."""


class TestNonInterleaving(AdmissionsRecorder, persistence.NonInterleavingNotificationIDsBaseCase):
    """The library's test that batches of two threads do not mix."""


class TestTrackingRecorder(OnKafkaLog, persistence.TrackingRecorderTestCase):
    """The library's tests of a tracking recorder."""

    def create_recorder(self) -> LogTrackingRecorder:
        """Open a tracking recorder."""
        return self.new_factory().tracking_recorder()


class SomeView(LogTrackingRecorder):
    """A view of an application."""


class TestFactory(OnKafkaLog, persistence.InfrastructureFactoryTestCase[Factory]):
    """The library's tests of an infrastructure factory."""

    def setUp(self) -> None:
        """Give the factory the environment of a fresh log."""
        self.prepare()
        self.env = self.settings
        persistence.InfrastructureFactoryTestCase.setUp(self)

    def expected_factory_class(self) -> type[Factory]:
        """Return what the module must give."""
        return Factory

    def expected_aggregate_recorder_class(self) -> type[LogAggregateRecorder]:
        """Return what the factory must make."""
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[LogRecorder]:
        """Return what the factory must make: the class admission writes with."""
        return LogRecorder

    def expected_tracking_recorder_class(self) -> type[LogTrackingRecorder]:
        """Return what the factory must make."""
        return LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[LogTrackingRecorder]:
        """Return a view of an application."""
        return SomeView

    def expected_process_recorder_class(self) -> type[LogRecorder]:
        """Return what the factory must make: the class admission writes with."""
        return LogRecorder


class InEnvironment(OnKafkaLog):
    """Names the log where the library's applications look."""

    recorder_class: ClassVar[type[LogRecorder]] = LogRecorder

    def setUp(self) -> None:
        """Set the environment of the process for one test."""
        super().setUp()
        self.enterContext(environment(self.settings))
        topic = get_topic(self.recorder_class)
        self.enterContext(environment({"APPLICATION_RECORDER_TOPIC": topic}))


@contextmanager
def environment(settings: dict[str, str]) -> Iterator[None]:
    """Set the environment of this process for a while."""
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            os.environ.pop(name)
        os.environ.update(before)


class TestApplication(InEnvironment, application.ApplicationTestCase):
    """The library's tests of an application."""


class TestExampleApplication(InEnvironment, application.ExampleApplicationTestCase):
    """The library's example, bank accounts with snapshots."""

    expected_factory_topic = get_topic(Factory)


class TestView(OnKafkaLog, projection.EventCountersViewTestCase):
    """The library's test that a view and its tracking are written together."""

    view_class: ClassVar[type[CountingView]] = CountingView

    def construct_event_counters_view(self) -> projection.EventCountersView:
        """Open a view that counts by recording."""
        view = self.new_factory().tracking_recorder(self.view_class)
        assert isinstance(view, CountingView)
        return view


class TestProjection(OnKafkaLog, projection.AggregateEventCountersProjectionTestCase):
    """The library's tests of a projection that follows an application."""

    view_class = CountingView
    recorder_class: ClassVar[type[LogRecorder]] = LogRecorder
    env: ClassVar[dict[str, str]] = {}

    def setUp(self) -> None:
        """Give the application and its view a log each."""
        super().setUp()
        self.env.clear()
        self.env.update(
            self.settings,
            APPLICATION_EVENTLOG_NAME=self.name,
            EVENTCOUNTERS_EVENTLOG_NAME=f"{self.name}-view",
            APPLICATION_RECORDER_TOPIC=get_topic(self.recorder_class),
        )


class TestAggregateRecorderWithLibrdkafka(WithLibrdkafka, TestAggregateRecorder):
    """With the other client."""


class TestApplicationRecorderWithLibrdkafka(WithLibrdkafka, TestApplicationRecorder):
    """With the other client."""


class TestProcessRecorderWithLibrdkafka(WithLibrdkafka, TestProcessRecorder):
    """With the other client."""


class TestNonInterleavingWithLibrdkafka(WithLibrdkafka, TestNonInterleaving):
    """With the other client."""


class TestTrackingRecorderWithLibrdkafka(WithLibrdkafka, TestTrackingRecorder):
    """With the other client."""


class TestFactoryWithLibrdkafka(WithLibrdkafka, TestFactory):
    """With the other client."""


class TestApplicationWithLibrdkafka(WithLibrdkafka, TestApplication):
    """With the other client."""


class TestExampleApplicationWithLibrdkafka(WithLibrdkafka, TestExampleApplication):
    """With the other client."""


class TestViewWithLibrdkafka(WithLibrdkafka, TestView):
    """With the other client."""


class TestProjectionWithLibrdkafka(WithLibrdkafka, TestProjection):
    """With the other client."""


class TestAggregateRecorderAnew(TestAggregateRecorder):
    """With every read through a fresh recorder."""

    def create_recorder(self) -> AggregateRecorder:
        """Open the recorder of snapshots."""
        return AggregateAnew(self.new_factory().stored("snapshots"))


class AdmissionsRecorderAnew(AdmissionsRecorder):
    """Writes as admission does, reads anew."""

    def create_recorder(self) -> LogRecorder:
        """Open the log's one writer, and read past it."""
        return RecorderAnew(super().create_recorder().journal)


class TestApplicationRecorderAnew(AdmissionsRecorderAnew, TestApplicationRecorder):
    """With every read through a fresh recorder."""


class TestProcessRecorderAnew(AdmissionsRecorderAnew, TestProcessRecorder):
    """With every read through a fresh recorder."""


class TestNonInterleavingAnew(AdmissionsRecorderAnew, TestNonInterleaving):
    """With every read through a fresh recorder."""


class TestTrackingRecorderAnew(TestTrackingRecorder):
    """With every read through a fresh recorder."""

    def create_recorder(self) -> LogTrackingRecorder:
        """Open a tracking recorder, and read past it."""
        return self.new_factory().tracking_recorder(TrackingAnew)


class TestExampleApplicationAnew(TestExampleApplication):
    """With every read of events through a fresh recorder."""

    recorder_class = RecorderAnew


class TestApplicationAnew(TestApplication):
    """With every read of events through a fresh recorder."""

    recorder_class = RecorderAnew


class TestViewAnew(TestView):
    """With every read through a fresh recorder."""

    view_class = CountingViewAnew


class TestProjectionAnew(TestProjection):
    """With every read through a fresh recorder."""

    view_class = CountingViewAnew
    recorder_class = RecorderAnew
