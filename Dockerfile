# The wheel is built with the locked build tools, which stay behind in this stage.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements-dev.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-dev.lock
COPY . .
RUN python -m hatchling build -t wheel -d /wheel

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/hengwen hengwen
COPY requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock && rm /tmp/requirements.lock
COPY --from=build /wheel /tmp/wheel
RUN pip install --no-cache-dir --no-deps /tmp/wheel/*.whl && rm -r /tmp/wheel
USER hengwen
WORKDIR /var/lib/hengwen
ENV HENGWEN_HOME=/var/lib/hengwen HENGWEN_LOG_FORMAT=json
VOLUME /var/lib/hengwen
ENTRYPOINT ["hengwen"]
CMD ["--help"]
