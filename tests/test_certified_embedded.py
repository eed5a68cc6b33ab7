"""The library's own tests, unmodified, on the recorders of the embedded log."""

import os
import tempfile
from pathlib import Path
from typing import ClassVar, Final
from unittest import TestCase

import pytest
from certified_views import CountingView
from eventsourcing.persistence import AggregateRecorder, InfrastructureFactory
from eventsourcing.tests import application, persistence, projection
from eventsourcing.utils import Environment, get_topic

from eventlog.embedded import EmbeddedLog, Factory
from eventlog.recorders import LogAggregateRecorder, LogRecorder, LogTrackingRecorder

MODULE: Final = "eventlog.embedded"
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")  # one test asks for one


class OnEmbeddedLog(TestCase):
    """Gives each test a file of its own."""

    def setUp(self) -> None:
        """Prepare a fresh file."""
        self.prepare()
        super().setUp()

    def prepare(self) -> None:
        """Name a file that is not there yet in an environment."""
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "log.sqlite"
        self.settings = Environment(
            "Test", {"PERSISTENCE_MODULE": MODULE, "EVENTLOG_PATH": str(self.path)}
        )

    def new_factory(self) -> Factory:
        """Open the file once more."""
        factory = InfrastructureFactory.construct(self.settings)
        assert isinstance(factory, Factory)
        self.addCleanup(factory.close)
        return factory


class TestAggregateRecorder(OnEmbeddedLog, persistence.AggregateRecorderTestCase):
    """The library's tests of an aggregate recorder."""

    def create_recorder(self) -> AggregateRecorder:
        """Open the recorder of snapshots."""
        return self.new_factory().aggregate_recorder("snapshots")


class AdmissionsRecorder(OnEmbeddedLog):
    """Opens the recorder as admission does."""

    def create_recorder(self) -> LogRecorder:
        """Open the log's one writer."""
        log = EmbeddedLog(self.path, "test")
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


class TestTrackingRecorder(OnEmbeddedLog, persistence.TrackingRecorderTestCase):
    """The library's tests of a tracking recorder."""

    def create_recorder(self) -> LogTrackingRecorder:
        """Open a tracking recorder."""
        return self.new_factory().tracking_recorder()


class SomeView(LogTrackingRecorder):
    """A view of an application."""


class TestFactory(OnEmbeddedLog, persistence.InfrastructureFactoryTestCase[Factory]):
    """The library's tests of an infrastructure factory."""

    def setUp(self) -> None:
        """Give the factory the environment of a fresh file."""
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


class InEnvironment(OnEmbeddedLog):
    """Names the file where the library's applications look."""

    def setUp(self) -> None:
        """Set the environment of the process for one test."""
        super().setUp()
        before = dict(os.environ)
        self.addCleanup(os.environ.update, before)
        for name in ("PERSISTENCE_MODULE", "EVENTLOG_PATH"):
            self.addCleanup(os.environ.pop, name, None)
            os.environ[name] = self.settings[name]


class TestApplication(InEnvironment, application.ApplicationTestCase):
    """The library's tests of an application."""


class TestExampleApplication(InEnvironment, application.ExampleApplicationTestCase):
    """The library's example, bank accounts with snapshots."""

    expected_factory_topic = get_topic(Factory)


class TestView(OnEmbeddedLog, projection.EventCountersViewTestCase):
    """The library's test that a view and its tracking are written together."""

    def construct_event_counters_view(self) -> projection.EventCountersView:
        """Open a view that counts by recording."""
        view = self.new_factory().tracking_recorder(CountingView)
        assert isinstance(view, CountingView)
        return view


class TestProjection(OnEmbeddedLog, projection.AggregateEventCountersProjectionTestCase):
    """The library's tests of a projection that follows an application."""

    view_class = CountingView
    env: ClassVar[dict[str, str]] = {}

    def setUp(self) -> None:
        """Give the application and its view a file each."""
        super().setUp()
        self.env.clear()
        self.env.update(
            PERSISTENCE_MODULE=MODULE,
            APPLICATION_EVENTLOG_PATH=str(self.path),
            EVENTCOUNTERS_EVENTLOG_PATH=str(self.path.with_name("view.sqlite")),
        )
