FROM python:3.12-slim
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && install -d -o nobody /opt/dagster && install -o nobody dagster_project/deployment/*.yaml /opt/dagster/
ENV DAGSTER_HOME=/opt/dagster PYTHONUNBUFFERED=1
USER nobody
